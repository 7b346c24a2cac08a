/** The guided film before the camera: prompts by the clock, of the frames the best are kept. The film itself is not. */
import type { TrackResult } from "../tracker/messages";
import { encode, Sharpness } from "./grab";
import { lookOf } from "./look";
import { Pool } from "./pool";
import { Talk } from "./talk";
import { FILM_MILLIS, labelOf, promptAt, type Prompt, unseen } from "./prompts";

/** Pictures that a film is made into. */
export const MOST_SHOTS = 16;
/** Milliseconds with a face in sight before the first prompt. */
const READY = 1500;
/** Surer than this a face must be, no more turned and no smaller than that: radians, pixels between the eyes. */
export const SURE = 0.9, TURNED = 0.75, SMALL = 24;
/** Mean brightness below which the room counts as dark. */
const DARK = 0.13;

export interface FilmedPicture {
  name: string;
  picture: Blob;
}

/** What a film came to. */
export interface Filmed {
  pictures: FilmedPicture[];
  /** Small frames of an open mouth. */
  talk: Blob[];
  /** Frames that were looked at, and those of them that cannot be used. */
  frames: number;
  useless: number;
  /** Labels of what was asked for and not seen. */
  missing: string[];
}

export interface FilmingEvents {
  /** Before the first prompt: what to do, and whether it is about to begin. */
  onWaiting(text: string): void;
  /** 0..1 of the film. */
  onPrompt(prompt: Prompt, share: number): void;
  onDone(filmed: Filmed): void;
}

export class Filming {
  private readonly pool = new Pool<ImageBitmap>(MOST_SHOTS, (picture) => picture.close());
  private readonly talk = new Talk();
  private readonly sharpness = new Sharpness();
  /** When a face came into sight, and when the first prompt was given; of performance.now()'s kind. */
  private seen: number | null = null;
  private begun: number | null = null;
  private frames = 0;
  private useless = 0;
  private grabbing: Promise<void> | null = null;
  private over = false;
  private cancelled = false;

  /** video shows what is tracked. */
  constructor(private readonly video: HTMLVideoElement, private readonly events: FilmingEvents) {
    events.onWaiting("Move into the middle of the picture.");
  }

  /** One result of the tracker; its buffers are not kept. */
  take(result: TrackResult, now = performance.now()): void {
    if (this.over) return;
    if (this.begun === null) {
      this.wait(result, now);
      return;
    }
    const since = now - this.begun;
    const prompt = promptAt(since);
    if (!prompt) {
      void this.finish();
      return;
    }
    this.events.onPrompt(prompt, since / FILM_MILLIS);
    this.frames++;
    const look = result.lost ? null : lookOf(result.points, result.width);
    if (!look || result.score < SURE || Math.abs(look.yaw) > TURNED || look.size < SMALL) this.useless++;
    else {
      this.talk.offer(look, since, this.video);
      if (!this.grabbing && this.pool.wants(look)) this.grabbing = this.grab(result.points.slice(), look, prompt.label);
    }
  }

  /** Nothing of it is kept. */
  cancel(): void {
    this.over = this.cancelled = true;
    this.pool.clear();
  }

  private wait({ lost, light }: TrackResult, now: number): void {
    if (lost) {
      this.seen = null;
      this.events.onWaiting(light < DARK ? "It is too dark to see a face; turn on a light in front of you." : "Move into the middle of the picture.");
      return;
    }
    this.seen ??= now;
    this.events.onWaiting("Get ready: do what you read, a good second each.");
    if (now - this.seen > READY) this.begun = now;
  }

  private async grab(points: Float32Array, look: ReturnType<typeof lookOf>, label: string): Promise<void> {
    try {
      const picture = await createImageBitmap(this.video);
      if (this.over) picture.close();
      else this.pool.put({ look, label, picture, sharp: this.sharpness.of(picture, points) });
    } catch {
      // The video has no picture at the moment.
    }
    this.grabbing = null;
  }

  private async finish(): Promise<void> {
    this.over = true;
    await this.grabbing;
    const shots = this.pool.take();
    const pictures: FilmedPicture[] = [];
    for (const [i, { look, picture, label }] of shots.entries()) pictures.push({ name: `${i + 1} ${labelOf(look, shots[0]!.look, label)}.jpg`, picture: await encode(picture) });
    const talk = await this.talk.take();
    if (!this.cancelled) this.events.onDone({ pictures, talk, frames: this.frames, useless: this.useless, missing: unseen(shots) });
  }
}
