/**
 * Tracks that last as long as a page wants them, fed from connections that come and go: while none does, the last picture
 * stays, and is given again and again, since calls take a camera that gives nothing for a broken one.
 */

export interface Composer {
  /** Another track of the same picture. */
  branch(): Branch;
  /** Shows this track from now on; onFirst is called once its first picture is there. */
  feed(track: MediaStreamTrack, onFirst: () => void): void;
  close(): void;
}

export interface Branch {
  readonly track: MediaStreamTrack;
  /** Its track has ended: nothing is given to it any more. */
  end(): void;
}

/** Milliseconds without a picture after which the last one is given again, and from then on. */
const STILL_EVERY = 100;

/** Chromium's streams of frames; lib.dom does not know them yet. */
interface Generator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}
interface Frames {
  MediaStreamTrackGenerator?: new (init: { kind: "video" }) => Generator;
  MediaStreamTrackProcessor?: new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => { readonly readable: ReadableStream<VideoFrame> };
}

export function makeComposer(): Composer {
  const { MediaStreamTrackGenerator: Generator, MediaStreamTrackProcessor: Processor } = globalThis as Frames;
  return Generator && Processor ? new FrameComposer(Generator, Processor) : new CanvasComposer();
}

/**
 * Hands frames on as they come, also in a hidden tab; no pixel is copied. Each track has a generator of its own: Chromium
 * scales what was cloned before its first picture, and refuses all constraints of a later clone.
 */
class FrameComposer implements Composer {
  private readonly writers = new Set<WritableStreamDefaultWriter<VideoFrame>>();
  private reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  private last: VideoFrame | null = null;
  private wrote = 0;
  private canvas: OffscreenCanvas | null = null;
  private readonly timer = setInterval(() => this.still(), STILL_EVERY);

  constructor(
    private readonly generator: NonNullable<Frames["MediaStreamTrackGenerator"]>, private readonly processor: NonNullable<Frames["MediaStreamTrackProcessor"]>,
  ) {}

  branch(): Branch {
    const Generator = this.generator;
    const generator = new Generator({ kind: "video" });
    const writer = generator.writable.getWriter();
    // The clone is a camera's track; the generator is of another kind, which a page could tell.
    const track = generator.clone();
    this.writers.add(writer);
    if (this.last) give(writer, this.last);
    const end = (): void => {
      this.writers.delete(writer);
      void writer.close().catch(() => undefined);
    };
    return { track, end };
  }

  feed(track: MediaStreamTrack, onFirst: () => void): void {
    void this.reader?.cancel().catch(() => undefined);
    const Processor = this.processor;
    const reader = new Processor({ track, maxBufferSize: 1 }).readable.getReader();
    this.reader = reader;
    void this.pass(reader, onFirst);
  }

  close(): void {
    clearInterval(this.timer);
    void this.reader?.cancel().catch(() => undefined);
    this.reader = null;
    this.last?.close();
    this.last = null;
    for (const writer of this.writers) void writer.close().catch(() => undefined);
    this.writers.clear();
  }

  private async pass(reader: ReadableStreamDefaultReader<VideoFrame>, onFirst: () => void): Promise<void> {
    let first = true;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      if (this.reader !== reader) {
        value.close();
        return;
      }
      this.last?.close();
      this.last = value;
      this.write(value);
      if (first) onFirst();
      first = false;
    }
  }

  /**
   * Draws the last picture anew: a copy of a frame carries the time at which that was captured, whatever it is told, and calls
   * drop what was captured before.
   */
  private still(): void {
    if (!this.last || performance.now() - this.wrote <= STILL_EVERY) return;
    const { displayWidth, displayHeight } = this.last;
    this.canvas ??= new OffscreenCanvas(displayWidth, displayHeight);
    this.canvas.getContext("2d")?.drawImage(this.last, 0, 0, this.canvas.width, this.canvas.height);
    this.write(this.canvas);
  }

  private write(picture: VideoFrame | OffscreenCanvas): void {
    this.wrote = performance.now();
    for (const writer of this.writers) give(writer, picture);
  }
}

/** Each connection counts time from a zero of its own; what goes on must never go back. */
function give(writer: WritableStreamDefaultWriter<VideoFrame>, picture: VideoFrame | OffscreenCanvas): void {
  const frame = new VideoFrame(picture, { timestamp: Math.round(1000 * performance.now()) });
  writer.write(frame).catch(() => frame.close());
}

/** Draws what a video element shows, where a browser has no streams of frames. */
class CanvasComposer implements Composer {
  private readonly track: MediaStreamTrack;
  private readonly video = document.createElement("video");
  private readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d");
  private readonly timer: ReturnType<typeof setInterval>;
  private drawn = 0;

  constructor() {
    this.canvas.width = 1280;
    this.canvas.height = 720;
    const [track] = this.canvas.captureStream(30).getVideoTracks();
    if (!track) throw new Error("This browser makes no video of a canvas.");
    this.track = track;
    this.video.muted = true;
    // In a hidden tab no frame is announced: a timer goes on drawing, as often as the browser lets it.
    this.timer = setInterval(() => {
      if (performance.now() - this.drawn > STILL_EVERY) this.draw();
    }, 33);
  }

  branch(): Branch {
    return { track: this.track.clone(), end: () => undefined };
  }

  feed(track: MediaStreamTrack, onFirst: () => void): void {
    const stream = new MediaStream([track]);
    this.video.srcObject = stream;
    let first = true;
    const next = (): void => {
      if (this.video.srcObject !== stream) return;
      this.draw();
      if (first) onFirst();
      first = false;
      this.video.requestVideoFrameCallback(next);
    };
    this.video.requestVideoFrameCallback(next);
    void this.video.play().catch(() => undefined);
  }

  close(): void {
    clearInterval(this.timer);
    this.video.srcObject = null;
    this.track.stop();
  }

  private draw(): void {
    if (this.video.videoWidth === 0) return;
    this.drawn = performance.now();
    this.context?.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
  }
}
