/** The line over the portrait that parts geometry from the learned layer: dragged, or moved by keys. */
import { boxShare, pictureShare } from "../media/cover";
import { byId } from "./dom";

/** Shares of the picture's width: where the line may stand, so that it can be grasped; how far keys move it. */
const LEAST = 0.02;
const MOST = 0.98;
const STEP = 0.01;
const PAGE = 0.1;
/** Pixels beside the line below which its label has no room. */
const LABEL_ROOM = 92;

export interface DividerEvents {
  /** The line was moved to this share of the picture's width. */
  onMove(at: number): void;
  /** Escape was pressed on the line. */
  onLeave(): void;
}

export class Divider {
  /** Share of the picture's width, LEAST..MOST. */
  at = 0.5;
  private readonly line = byId("divider", HTMLElement);
  private readonly box = byId("picture", HTMLElement);
  private readonly video = byId("live", HTMLVideoElement);
  /** From the line to the finger that drags it, CSS pixels; null while nothing drags. */
  private grasp: number | null = null;

  constructor(private readonly events: DividerEvents) {
    const { line } = this;
    line.addEventListener("pointerdown", (event) => this.take(event));
    line.addEventListener("pointermove", (event) => this.drag(event));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) line.addEventListener(type, () => this.release());
    line.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.place()).observe(this.box);
    this.video.addEventListener("resize", () => this.place());
    this.place();
  }

  get shown(): boolean {
    return !this.line.hidden;
  }

  show(shown: boolean): void {
    this.release();
    this.line.hidden = !shown;
    if (shown) this.place();
  }

  private move(to: number): void {
    const at = Math.min(MOST, Math.max(LEAST, to));
    if (at === this.at) return;
    this.at = at;
    this.place();
    this.events.onMove(at);
  }

  /** Puts the line where the video's own pixels change. */
  private place(): void {
    const { line, box, at } = this;
    const share = boxShare(at, this.picture(), box.getBoundingClientRect());
    line.style.left = `${100 * share}%`;
    line.classList.toggle("tight-left", share * box.clientWidth < LABEL_ROOM);
    line.classList.toggle("tight-right", (1 - share) * box.clientWidth < LABEL_ROOM);
    const percent = Math.round(100 * at);
    line.setAttribute("aria-valuenow", String(percent));
    line.setAttribute("aria-valuetext", `before ${percent} %, after ${100 - percent} %`);
  }

  private picture(): { width: number; height: number } {
    return { width: this.video.videoWidth, height: this.video.videoHeight };
  }

  private take(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { left, width } = this.line.getBoundingClientRect();
    this.grasp = event.clientX - (left + width / 2);
    this.line.setPointerCapture(event.pointerId);
    this.line.classList.add("held");
  }

  private drag({ clientX }: PointerEvent): void {
    if (this.grasp === null) return;
    const box = this.box.getBoundingClientRect();
    this.move(pictureShare((clientX - this.grasp - box.left) / box.width, this.picture(), box));
  }

  private release(): void {
    this.grasp = null;
    this.line.classList.remove("held");
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = this.target(event.key);
    if (to === null && event.key !== "Escape") return;
    event.preventDefault();
    if (to === null) this.events.onLeave();
    else this.move(to);
  }

  /** Where a key sends the line; null for keys that do not. */
  private target(key: string): number | null {
    switch (key) {
      case "ArrowLeft": case "ArrowDown": return this.at - STEP;
      case "ArrowRight": case "ArrowUp": return this.at + STEP;
      case "PageDown": return this.at - PAGE;
      case "PageUp": return this.at + PAGE;
      case "Home": return LEAST;
      case "End": return MOST;
      default: return null;
    }
  }
}
