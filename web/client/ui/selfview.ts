/** The own picture beside the portrait, with exactly the points that travel drawn over it. */
import type { TrackResult } from "../tracker/messages";
import { WIRE_COUNT, WIRE_INDEX } from "../wire/subset";
import { byId, drawingOn, setPressed } from "./dom";

/** Pixels; the card is small, so more would not be seen. */
const CANVAS_WIDTH = 320;
const PAUSED = "Paused: nothing leaves this device.";

export interface SelfViewEvents {
  onHide(): void;
  onPicture(on: boolean): void;
}

export class SelfView {
  readonly video = byId("self-video", HTMLVideoElement);
  private readonly card = byId("self", HTMLElement);
  private readonly canvas = byId("self-points", HTMLCanvasElement);
  private readonly text = byId("self-text", HTMLElement);
  private readonly picture = byId("self-picture", HTMLButtonElement);
  private readonly context = drawingOn(this.canvas);
  private visible = true;
  private running = false;
  private lost: boolean | null = null;
  private paused = false;

  constructor(events: SelfViewEvents) {
    byId("self-hide", HTMLButtonElement).onclick = () => events.onHide();
    this.picture.onclick = () => events.onPicture(this.card.classList.contains("points-only"));
  }

  /** Shows the stream, or takes the card away for null. */
  attach(stream: MediaStream | null): void {
    this.video.srcObject = stream;
    this.running = stream !== null;
    if (stream) void this.video.play().catch(() => undefined);
    else this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.update();
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.update();
  }

  setPicture(on: boolean): void {
    this.card.classList.toggle("points-only", !on);
    setPressed(this.picture, on);
  }

  /** What the card says of what leaves must be true at once. */
  setPaused(paused: boolean): void {
    this.paused = paused;
    this.lost = null;
    this.text.textContent = paused ? PAUSED : "Only these points leave this device.";
  }

  draw({ points, lost, width, height, size }: TrackResult): void {
    if (this.card.hidden) return;
    const { canvas, context } = this;
    const canvasHeight = Math.round((CANVAS_WIDTH * height) / width);
    if (canvas.width !== CANVAS_WIDTH || canvas.height !== canvasHeight) {
      canvas.width = CANVAS_WIDTH;
      canvas.height = canvasHeight;
      canvas.style.aspectRatio = this.video.style.aspectRatio = `${width} / ${height}`;
    }
    context.clearRect(0, 0, CANVAS_WIDTH, canvasHeight);
    if (lost !== this.lost) this.tell(lost, size);
    if (lost) return;
    context.fillStyle = "#f0d79b";
    context.beginPath();
    for (let i = 0; i < WIRE_COUNT; i++) {
      const at = 3 * WIRE_INDEX[i]!;
      context.rect(points[at]! * CANVAS_WIDTH - 0.75, points[at + 1]! * CANVAS_WIDTH - 0.75, 1.5, 1.5);
    }
    context.fill();
  }

  private tell(lost: boolean, bytes: number): void {
    this.lost = lost;
    this.text.textContent = this.paused ? PAUSED : lost ? "No face in sight." : `Only these points leave this device: ${bytes} bytes a frame.`;
  }

  private update(): void {
    this.card.hidden = !(this.running && this.visible);
  }
}
