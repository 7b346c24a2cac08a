/** The few of many frames that say most of a face: as unlike each other as can be, and sharp. Bounded, however many come. */
import { type Look, unlike, unrest } from "./look";

export interface Shot<T> {
  look: Look;
  /** Relative; see Sharpness. */
  sharp: number;
  picture: T;
  /** What it shows, for people. */
  label: string;
}

/** Unlikeness from which a frame says something new. */
const NEW = 1;
/** How much sharper a frame must be to take the place of one like it. */
const SHARPER = 1.15;

export class Pool<T> {
  private shots: Shot<T>[] = [];

  /** free is told of pictures that are not wanted any more. */
  constructor(private readonly most: number, private readonly free: (picture: T) => void) {}

  get size(): number {
    return this.shots.length;
  }

  /** Whether a frame that shows this may find a place: what says so must be cheap, since it is asked for every frame. */
  wants(look: Look): boolean {
    const near = this.nearest(look);
    return near === null || this.shots.length < this.most || unlike(near.look, look) < NEW || unlike(near.look, look) > this.closest().distance;
  }

  /** Takes a frame in, or lets go of it. */
  put(shot: Shot<T>): void {
    const near = this.nearest(shot.look);
    if (near && unlike(near.look, shot.look) < NEW) {
      if (shot.sharp > SHARPER * near.sharp || this.isCalmest(near) && unrest(shot.look) < unrest(near.look) && shot.sharp > near.sharp / SHARPER) this.replace(near, shot);
      else this.free(shot.picture);
    } else if (this.shots.length < this.most) {
      this.shots.push(shot);
    } else {
      const { distance, one } = this.closest();
      if (near && unlike(near.look, shot.look) > distance) this.replace(one, shot);
      else this.free(shot.picture);
    }
  }

  /** The calmest first, then in the order in which they came. They are the caller's from now on. */
  take(): Shot<T>[] {
    const all = this.shots;
    this.shots = [];
    const calm = all.reduce((best, shot, i) => (unrest(shot.look) < unrest(all[best]!.look) ? i : best), 0);
    const first = all.splice(calm, 1);
    return [...first, ...all];
  }

  clear(): void {
    for (const { picture } of this.shots) this.free(picture);
    this.shots = [];
  }

  private nearest(look: Look): Shot<T> | null {
    let best: Shot<T> | null = null;
    for (const shot of this.shots) if (!best || unlike(shot.look, look) < unlike(best.look, look)) best = shot;
    return best;
  }

  /** The two that are most alike: their distance, and the one of them that may go. */
  private closest(): { distance: number; one: Shot<T> } {
    let distance = Infinity, one = this.shots[0]!;
    for (const [i, a] of this.shots.entries()) {
      for (const b of this.shots.slice(i + 1)) {
        const d = unlike(a.look, b.look);
        if (d >= distance) continue;
        distance = d;
        one = this.isCalmest(a) ? b : this.isCalmest(b) ? a : a.sharp < b.sharp ? a : b;
      }
    }
    return { distance, one };
  }

  private isCalmest(shot: Shot<T>): boolean {
    return this.shots.every(({ look }) => unrest(look) >= unrest(shot.look));
  }

  private replace(old: Shot<T>, shot: Shot<T>): void {
    this.free(old.picture);
    this.shots[this.shots.indexOf(old)] = shot;
  }
}
