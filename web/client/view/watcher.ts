/** Keeps a session on the page for days: whatever ends, it begins again. */
import { Backoff } from "../net/backoff";
import { Refused, Viewing, type ViewingEvents } from "./whep";

export interface WatcherEvents {
  onStream(stream: MediaStream): void;
  /** There is no picture any more. words say why this page may not watch, in a sentence; "" where it has only to wait. */
  onIdle(words: string): void;
}

/** What a Watcher needs of a Viewing; tests give another. */
export type View = (events: ViewingEvents) => Pick<Viewing, "start" | "close">;

const NO_SESSION = 409;
/** Answers to who has no token, or not the right one: waiting does not help. */
const CLOSED_DOOR = [401, 403];

export class Watcher {
  /** Connections that were tried. */
  attempts = 0;
  private viewing: ReturnType<View> | null = null;
  /** The last answer was that nobody drives. */
  private idle = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly backoff = new Backoff(300, 15_000);

  constructor(private readonly view: View, private readonly events: WatcherEvents, private readonly random = Math.random) {}

  start(): void {
    this.stop();
    this.attempts++;
    const viewing = this.view({
      onStream: (stream) => {
        this.backoff.reset();
        this.events.onStream(stream);
      },
      onLost: () => this.again(viewing, null),
    });
    this.viewing = viewing;
    viewing.start(this.idle).catch((error: unknown) => this.again(viewing, error));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.viewing?.close();
    this.viewing = null;
  }

  /** Tries again later, where the one that ended is the one of now. */
  private again(viewing: ReturnType<View>, why: unknown): void {
    if (viewing !== this.viewing) return;
    this.stop();
    this.events.onIdle(why instanceof Refused && CLOSED_DOOR.includes(why.status) ? why.words : "");
    this.timer = setTimeout(() => this.start(), this.wait(why));
  }

  /** How long to wait, milliseconds: for a session that nobody drives as the server says, spread; else longer and longer. */
  private wait(why: unknown): number {
    this.idle = why instanceof Refused && why.status === NO_SESSION;
    const asked = why instanceof Refused ? why.retryAfter : null;
    if (asked !== null && this.idle) {
      this.backoff.reset();
      return asked * (0.8 + 0.4 * this.random());
    }
    return Math.max(asked ?? 0, this.backoff.next());
  }
}
