/** The portrait: its picture at once, the live video on top of it as soon as there is one. */
import { type Persona, portraitURL } from "../api";
import { byId } from "./dom";

const POSTER_EDGE = 768;
/** Full screen shows its buttons for so long after the pointer has moved. */
const REST_MILLIS = 2500;

export class Stage {
  readonly video = byId("live", HTMLVideoElement);
  private readonly figure = byId("stage", HTMLElement);
  private readonly poster = byId("poster", HTMLImageElement);
  private readonly still = byId("still", HTMLCanvasElement);
  private readonly plaque = byId("plaque", HTMLElement);
  private readonly plaqueName = byId("plaque-name", HTMLElement);
  private readonly plaqueCredit = byId("plaque-credit", HTMLElement);
  private readonly full = byId("full", HTMLButtonElement);
  private readonly pip = byId("pip", HTMLButtonElement);
  private readonly picture = byId("picture", HTMLElement);
  /** Address of the still picture that is wanted. */
  private wanted = "";
  private resting: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly onProblem: (text: string) => void) {
    this.full.hidden = !document.fullscreenEnabled;
    this.pip.hidden = !document.pictureInPictureEnabled;
    this.full.onclick = () => this.toggleFull();
    this.pip.onclick = () => void this.togglePip();
    document.addEventListener("fullscreenchange", () => {
      this.full.setAttribute("aria-label", document.fullscreenElement ? "Leave full screen" : "Full screen");
    });
    for (const type of ["pointermove", "pointerdown", "keydown"]) this.figure.addEventListener(type, () => this.stir());
  }

  /** Names the portrait; its still picture comes from the server until the video shows it. */
  show(persona: Persona): void {
    this.name(persona);
    this.showPoster(portraitURL(persona.id, POSTER_EDGE));
  }

  /** Writes the portrait's name on its plaque. */
  name({ name, credit }: Persona): void {
    this.plaque.classList.remove("blank");
    this.plaqueName.textContent = name;
    // A plaque has room for who painted it; where the reproduction comes from is told on asking.
    this.plaqueCredit.textContent = credit?.split("; ")[0] ?? "";
    this.plaque.title = credit ?? "";
    this.poster.alt = `Portrait: ${name}`;
    this.video.setAttribute("aria-label", `The living portrait: ${name}`);
    document.title = `${name} · Gioconda`;
  }

  /** A switch is under way: what is seen is still the portrait of before. */
  setBusy(busy: boolean): void {
    this.picture.setAttribute("aria-busy", String(busy));
  }

  /** Puts the portrait's still picture in its place once it is there: until then, and where it does not come, what was seen stays. */
  private showPoster(address: string): void {
    this.wanted = address;
    const next = new Image();
    next.src = address;
    next.decode().then(() => {
      if (this.wanted !== address) return;
      this.poster.src = address;
      // What was kept of another portrait must not cover this one's.
      this.still.hidden = true;
    }, () => undefined);
  }

  /** Puts a new stream on top; what was visible stays visible until its first frame. */
  attach(stream: MediaStream): void {
    this.freeze();
    this.video.srcObject = stream;
    this.video.requestVideoFrameCallback(() => {
      this.video.classList.add("shown");
      this.still.hidden = true;
    });
    this.video.play().catch(() => {
      // A muted video may start by itself; where it may not, the first touch starts it.
      addEventListener("pointerdown", () => void this.video.play(), { once: true });
    });
  }

  toggleFull(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    // Phones may lack it, whatever lib.dom says.
    else (this.figure as Partial<HTMLElement>).requestFullscreen?.().catch(() => this.onProblem("This browser refused the full screen."));
  }

  /** Somebody is there: buttons and pointer show for a while. */
  private stir(): void {
    clearTimeout(this.resting);
    this.figure.classList.remove("resting");
    this.resting = setTimeout(() => this.figure.classList.add("resting"), REST_MILLIS);
  }

  private async togglePip(): Promise<void> {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.video.requestPictureInPicture();
    } catch {
      this.onProblem("Picture in picture works once the portrait is live.");
    }
  }

  /** Keeps the last displayed frame while the video element has no stream. */
  freeze(): void {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (width === 0 || !this.video.classList.contains("shown")) return;
    this.video.classList.remove("shown");
    this.still.width = width;
    this.still.height = height;
    this.still.getContext("2d")?.drawImage(this.video, 0, 0);
    this.still.hidden = false;
  }
}
