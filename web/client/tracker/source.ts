/** Where the worker's frames come from: a stream, a track, or the page, which is told when to look. One at a time. */
import { FrameClock, nowMicros } from "../common/clock";
import { framesOf } from "./processor";

/** Milliseconds between two looks: a little less than a camera's, so that no picture is missed. */
const TICK_EVERY = 25;

export interface SourceEvents {
  /** capture in microseconds of our clock. The receiver closes the frame. */
  onFrame(frame: VideoFrame, capture: number): void;
  onTick(): void;
  /** The track gives no frames here. */
  onFrameless(): void;
}

export class FrameSource {
  private reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  private track: MediaStreamTrack | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly events: SourceEvents) {}

  /** Whoever hands the stream over ends its track after a stop. */
  useStream(frames: ReadableStream<VideoFrame>): void {
    this.stop();
    void this.drain(frames.getReader());
  }

  /** Owns the track from now on. */
  useTrack(track: MediaStreamTrack): void {
    this.stop();
    this.track = track;
    const frames = framesOf(track);
    if (frames) void this.drain(frames.getReader());
    else this.fail();
  }

  /** Timers of a worker go on where those of a page sleep. */
  useTicks(): void {
    this.stop();
    this.timer = setInterval(() => this.events.onTick(), TICK_EVERY);
  }

  /** A stream is not cancelled, which would drop the frames on their way unclosed and stall cameras that have few: it is read to its end. */
  stop(): void {
    clearInterval(this.timer);
    this.reader = null;
    this.track?.stop();
    this.track = null;
  }

  /** Reads frames as fast as they come, so that none grows old in the stream. */
  private async drain(mine: ReadableStreamDefaultReader<VideoFrame>): Promise<void> {
    this.reader = mine;
    const clock = new FrameClock();
    for (;;) {
      const { value, done } = await mine.read().catch(() => ({ value: null, done: true }));
      const current = this.reader === mine;
      if (done || !value) {
        // A camera that is gone is told by the page; a stream that breaks while it runs is not.
        if (current && value === null) this.fail();
        return;
      }
      if (current) this.events.onFrame(value, clock.capture(value.timestamp, nowMicros()));
      else value.close();
    }
  }

  private fail(): void {
    this.stop();
    this.events.onFrameless();
  }
}
