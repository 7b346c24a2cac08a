/** Watches the portrait's video element: each displayed frame, its times and its marker. */
import { AREA, cellSide, readMarker } from "../tracker/marker";
import { newPixels } from "../tracker/sampler";
import type { Shown } from "./ledger";

export interface DisplayEvents {
  onShown(shown: Shown): void;
  /** A marker was read from the displayed pixels; at in milliseconds of performance.now()'s kind. */
  onMarker(code: number, at: number): void;
}

/** Chrome's additions to the callback's metadata. */
interface Metadata extends VideoFrameCallbackMetadata {
  receiveTime?: DOMHighResTimeStamp;
  rtpTimestamp?: number;
}

export class Display {
  /** Displayed frames whose callback came, and those that the page was too busy to be called for. */
  seen = 0;
  unseen = 0;
  markers = false;
  private readonly context: CanvasRenderingContext2D;
  private presented = 0;

  constructor(private readonly video: HTMLVideoElement, private readonly events: DisplayEvents) {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true, alpha: false });
    if (!context) throw new Error("This browser gives no canvas.");
    this.context = context;
    this.next();
  }

  private next(): void {
    this.video.requestVideoFrameCallback((_, metadata: Metadata) => {
      this.next();
      this.frame(metadata);
    });
  }

  private frame(metadata: Metadata): void {
    const now = performance.now();
    this.seen++;
    if (this.presented > 0) this.unseen += Math.max(0, metadata.presentedFrames - this.presented - 1);
    this.presented = metadata.presentedFrames;
    // A display time in the past means that the frame is on its way to the screen right now.
    const displayed = Math.max(now, metadata.expectedDisplayTime);
    this.events.onShown({
      rtp: metadata.rtpTimestamp ?? NaN,
      received: metadata.receiveTime ?? NaN,
      decodeMillis: (metadata.processingDuration ?? NaN) * 1000,
      presented: metadata.presentationTime,
      displayed,
    });
    if (this.markers) {
      const code = this.readMarker(metadata.width);
      if (code >= 0) this.events.onMarker(code, displayed);
    }
  }

  /** Copies only the marker's corner out of the video. */
  private readMarker(width: number): number {
    const cell = cellSide(width);
    if (cell < 4) return -1;
    const w = AREA.columns * cell;
    const h = AREA.rows * cell;
    const { canvas } = this.context;
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    this.context.drawImage(this.video, 0, 0, w, h, 0, 0, w, h);
    const { data } = this.context.getImageData(0, 0, w, h);
    return readMarker(newPixels(w, h, data.buffer), cell);
  }
}
