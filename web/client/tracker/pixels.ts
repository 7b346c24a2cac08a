/** Gets the pixels of a camera frame. */
import { newPixels, type Pixels } from "./sampler";

/** What the page hands over; the receiver closes it. */
export type CameraFrame = VideoFrame | ImageBitmap;

/** Owns the room for one frame; pixels are valid until the next read. */
export class PixelReader {
  private picture = newPixels(0, 0);
  private canvas: OffscreenCanvasRenderingContext2D | null = null;
  private canCopy = true;

  async read(frame: CameraFrame): Promise<Pixels> {
    if (this.canCopy && isUpright(frame)) {
      try {
        return await this.copy(frame);
      } catch {
        // This browser cannot convert to RGBA while copying: draw instead from now on.
        this.canCopy = false;
      }
    }
    return this.draw(frame);
  }

  /** Three times faster than a canvas, and bit-exact. */
  private async copy(frame: VideoFrame): Promise<Pixels> {
    const width = frame.visibleRect?.width ?? frame.codedWidth;
    const height = frame.visibleRect?.height ?? frame.codedHeight;
    if (this.picture.width !== width || this.picture.height !== height) {
      this.picture = newPixels(width, height);
    }
    await frame.copyTo(this.picture.data, { format: "RGBA", colorSpace: "srgb" });
    return this.picture;
  }

  private draw(frame: CameraFrame): Pixels {
    const width = "displayWidth" in frame ? frame.displayWidth : frame.width;
    const height = "displayHeight" in frame ? frame.displayHeight : frame.height;
    const context = this.contextOf(width, height);
    context.drawImage(frame, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return newPixels(width, height, data.buffer);
  }

  private contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
    if (!this.canvas) {
      const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true, alpha: false });
      if (!context) throw new Error("This browser gives no canvas to the tracker.");
      this.canvas = context;
    }
    if (this.canvas.canvas.width !== width || this.canvas.canvas.height !== height) {
      this.canvas.canvas.width = width;
      this.canvas.canvas.height = height;
    }
    return this.canvas;
  }
}

/** A frame whose pixels lie as they are shown; phones turn some only while drawing. */
function isUpright(frame: CameraFrame): frame is VideoFrame {
  if (!("copyTo" in frame) || frame.format === null) return false;
  const { rotation, flip } = frame as VideoFrame & { rotation?: number; flip?: boolean };
  return !rotation && !flip;
}
