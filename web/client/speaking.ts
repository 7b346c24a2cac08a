/** The driver's microphone: off until it is switched on, and off means that the device is let go and nothing is sent. */
import { openMicrophone } from "./media/microphone";
import { byId, setPressed } from "./ui/dom";

export interface SpeakingEvents {
  /** Device id of the microphone that is wanted, empty for the browser's choice. */
  microphone(): string;
  /** Sends this from now on; null is nothing. */
  send(track: MediaStreamTrack | null): void;
  /** The microphone is open: from now on the browser names all that there are. */
  onOpen(): void;
  complain(error: unknown): void;
  problem(text: string): void;
}

export class Speaking {
  private readonly button = byId("microphone", HTMLButtonElement);
  private readonly note = byId("voice-note", HTMLElement);
  private track: MediaStreamTrack | null = null;
  /** Counts what was asked for: what opens late, after it was switched off again, is let go. */
  private turn = 0;
  private wanted = false;

  constructor(private readonly events: SpeakingEvents) {
    this.button.onclick = () => this.toggle();
  }

  toggle(): void {
    if (this.wanted) this.stop();
    else void this.start();
  }

  /** Another microphone is wanted. */
  change(): void {
    if (this.wanted) void this.start();
  }

  private async start(): Promise<void> {
    const turn = ++this.turn;
    this.wanted = true;
    try {
      const track = await openMicrophone(this.events.microphone());
      if (turn !== this.turn) {
        track.stop();
        return;
      }
      track.onended = () => {
        if (track !== this.track) return;
        this.stop();
        this.events.problem("The microphone is gone; the portrait goes on without sound.");
      };
      this.use(track);
      this.events.onOpen();
    } catch (error) {
      if (turn !== this.turn) return;
      this.stop();
      this.events.complain(error);
    }
  }

  private stop(): void {
    this.turn++;
    this.wanted = false;
    this.use(null);
  }

  private use(track: MediaStreamTrack | null): void {
    this.events.send(track);
    this.track?.stop();
    this.track = track;
    setPressed(this.button, track !== null);
    this.note.hidden = track === null;
  }
}
