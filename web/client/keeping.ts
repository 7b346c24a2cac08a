/** The buttons on the portrait that keep what is seen: a picture, and a film. */
import { pictureOf, Recorder } from "./media/recorder";
import { byId, offer, setPressed } from "./ui/dom";

export interface KeepingEvents {
  /** Name of the present portrait, for the file's. */
  name(): string;
  /** The driver's microphone while it is on. */
  sound(): MediaStreamTrack | null;
  say(text: string): void;
  complain(error: unknown): void;
}

export class Keeping {
  private readonly button = byId("record", HTMLButtonElement);
  private readonly time = byId("record-time", HTMLElement);
  private readonly recorder = new Recorder({ onDone: (film, full) => this.done(film, full) });
  private begun = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** video shows the portrait. */
  constructor(private readonly video: HTMLVideoElement, private readonly events: KeepingEvents) {
    byId("snapshot", HTMLButtonElement).onclick = () => void this.snapshot();
    this.button.hidden = Recorder.form === undefined;
    this.button.onclick = () => this.toggleRecording();
  }

  async snapshot(): Promise<void> {
    try {
      offer(await pictureOf(this.video), this.fileName("png"));
      this.events.say("The picture is saved among your downloads.");
    } catch (error) {
      this.events.complain(error);
    }
  }

  toggleRecording(): void {
    if (this.recorder.running) this.recorder.stop();
    else this.record();
  }

  /** What is recorded ends with its stream: no event of the track tells that, and there is nothing more to come. */
  streamEnds(): void {
    this.recorder.stop();
  }

  private record(): void {
    const [seen] = this.video.srcObject instanceof MediaStream ? this.video.srcObject.getVideoTracks() : [];
    if (!seen || this.video.videoWidth === 0) {
      this.events.say("There is nothing to record yet; wait until the portrait is live.");
      return;
    }
    // A copy: the microphone may be switched off meanwhile, and a recording that loses a track ends.
    const heard = this.events.sound()?.clone();
    try {
      this.recorder.start(heard ? [seen, heard] : [seen]);
    } catch (error) {
      this.events.complain(error);
      return;
    }
    this.begun = performance.now();
    this.tick();
    this.timer = setInterval(() => this.tick(), 1000);
    this.show(true);
  }

  private done(film: Blob, full: boolean): void {
    clearInterval(this.timer);
    this.show(false);
    offer(film, this.fileName(film.type.endsWith("mp4") ? "mp4" : "webm"));
    this.events.say(full ? "The recording grew too large and ended; it is saved among your downloads." : "The recording is saved among your downloads.");
  }

  private tick(): void {
    const seconds = Math.floor((performance.now() - this.begun) / 1000);
    this.time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  private show(recording: boolean): void {
    setPressed(this.button, recording);
    this.button.setAttribute("aria-label", recording ? "Stop recording" : "Record this");
    this.time.hidden = !recording;
    document.body.classList.toggle("recording", recording);
  }

  private fileName(ending: string): string {
    const name = this.events.name().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "") || "portrait";
    return `${name}-${new Date().toISOString().slice(0, 19).replace(/[T:]/g, "-")}.${ending}`;
  }
}
