/** Grabs the camera's pictures from a video element, for browsers that hand over neither frames nor tracks. */
import { nowMicros, toMicros } from "../common/clock";
import type { CameraFrame } from "./pixels";

/** Milliseconds without a callback of the video after which ticks count: a camera in the dark may take a tenth of a second. */
const SILENCE = 100;

export class VideoFeed {
  private handle = 0;
  private called = -Infinity;
  /** A picture is with the receiver and not answered: the element is the one-slot mailbox. */
  private inFlight = false;
  private stopped = false;

  /** offer gets each picture and its capture time, microseconds of our clock; its receiver says by answered that it is done. */
  constructor(private readonly video: HTMLVideoElement, private readonly offer: (frame: CameraFrame, capture: number) => void) {
    this.next();
  }

  /** What a worker's timer calls: pages that nobody sees get no callbacks of their video, or one a second. */
  tick(): void {
    if (performance.now() - this.called > SILENCE) this.take(nowMicros());
  }

  answered(): void {
    this.inFlight = false;
  }

  stop(): void {
    this.video.cancelVideoFrameCallback(this.handle);
    this.stopped = true;
  }

  private next(): void {
    this.handle = this.video.requestVideoFrameCallback((now, { captureTime }) => {
      this.next();
      this.called = now;
      this.take(captureTime === undefined ? nowMicros() : toMicros(captureTime));
    });
  }

  private take(capture: number): void {
    if (this.stopped || this.inFlight || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.inFlight = true;
    grab(this.video).then((frame) => {
      if (this.stopped) frame.close();
      else this.offer(frame, capture);
    }, () => this.answered());
  }
}

/** The picture that the video is at. A frame is cheaper than a bitmap, which is drawn first. */
async function grab(video: HTMLVideoElement): Promise<CameraFrame> {
  return typeof VideoFrame === "undefined" ? createImageBitmap(video) : new VideoFrame(video);
}
