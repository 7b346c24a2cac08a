/** A film that somebody has, read here: of its frames the best are kept, and the film itself goes nowhere. */
import { nowMicros } from "../common/clock";
import { Problem } from "../common/problem";
import { TrackerClient } from "../tracker/client";
import type { Sources } from "../tracker/networks";
import { Talk } from "./talk";
import { type Filmed, MOST_SHOTS, SMALL, SURE, TURNED } from "./filming";
import { encode, Sharpness } from "./grab";
import { lookOf } from "./look";
import { Pool } from "./pool";

/** Seconds of a film that are looked at, and frames of it. */
const MOST_SECONDS = 60, MOST_FRAMES = 120;
/** Seconds between two of them at least. */
const LEAST_STEP = 0.1;
/** Milliseconds to wait for a frame. */
const PATIENCE = 10_000;

const UNREADABLE = "This browser cannot read that film; save it as MP4 or WebM, or choose pictures of it.";

interface Seen {
  points: Float32Array;
  lost: boolean;
  score: number;
}

/** A tracker of its own, which looks at one picture after the other. */
class Eye {
  private readonly tracker: TrackerClient;
  private answer: ((seen: Seen) => void) | null = null;
  private refuse: ((error: Problem) => void) | null = null;

  constructor(script: string, sources: Sources) {
    this.tracker = new TrackerClient(script, sources, {
      onReady: () => undefined,
      onFailed: (message) => this.refuse?.(new Problem("tracker", message)),
      onResult: ({ points, lost, score }) => this.answer?.({ points: points.slice(), lost, score }),
    });
  }

  /** The picture is gone from here. */
  look(picture: ImageBitmap): Promise<Seen> {
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.refuse = reject;
      this.tracker.offer(picture, nowMicros());
    });
  }

  close(): void {
    this.tracker.close();
  }
}

/** Reads the best frames of a film; progress is told 0..1. It fails with a Problem, or with signal's reason. */
export async function readFilm(film: Blob, script: string, sources: Sources, progress: (share: number) => void, signal: AbortSignal): Promise<Filmed> {
  const video = document.createElement("video");
  const address = URL.createObjectURL(film);
  const eye = new Eye(script, sources);
  const pool = new Pool<ImageBitmap>(MOST_SHOTS, (picture) => picture.close());
  const talk = new Talk();
  const sharpness = new Sharpness();
  let frames = 0, useless = 0;
  try {
    video.muted = true;
    video.src = address;
    await happens(video, "loadeddata", signal);
    const seconds = Math.min(Number.isFinite(video.duration) ? video.duration : MOST_SECONDS, MOST_SECONDS);
    const step = Math.max(seconds / MOST_FRAMES, LEAST_STEP);
    for (let time = 0; time < seconds; time += step) {
      progress(time / seconds);
      const seeking = happens(video, "seeked", signal);
      video.currentTime = time;
      await seeking;
      frames++;
      const { points, lost, score } = await eye.look(await createImageBitmap(video));
      signal.throwIfAborted();
      const look = lost ? null : lookOf(points, video.videoWidth);
      if (!look || score < SURE || Math.abs(look.yaw) > TURNED || look.size < SMALL) {
        useless++;
        continue;
      }
      talk.offer(look, 1000 * time, video);
      if (pool.wants(look)) {
        const picture = await createImageBitmap(video);
        pool.put({ look, picture, label: `at ${time.toFixed(1)} s`, sharp: sharpness.of(picture, points) });
      }
    }
    const pictures = [];
    for (const [i, { picture, label }] of pool.take().entries()) pictures.push({ name: `${i + 1} ${label}.jpg`, picture: await encode(picture) });
    return { pictures, talk: await talk.take(), frames, useless, missing: [] };
  } finally {
    pool.clear();
    eye.close();
    video.removeAttribute("src");
    URL.revokeObjectURL(address);
  }
}

function happens(video: HTMLVideoElement, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const end = (settle: () => void): void => {
      over.abort();
      clearTimeout(timer);
      settle();
    };
    const refuse = (): void => end(() => reject(new Problem("film", UNREADABLE)));
    const timer = setTimeout(refuse, PATIENCE);
    video.addEventListener(event, () => end(resolve), { signal: over.signal });
    video.addEventListener("error", refuse, { signal: over.signal });
    signal.addEventListener("abort", () => end(() => reject(signal.reason instanceof Error ? signal.reason : new Error("cancelled"))), { signal: over.signal });
  });
}
