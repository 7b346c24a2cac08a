/** Pictures out of a video, at their own size. */

/** Pixels across both eyes at which sharpness is read; and what lies around them. */
const EYES = 96;
const WIDE = 128, HIGH = 112;
const QUALITY = 0.92;

/** Reads how sharp faces are. Owns a small canvas. */
export class Sharpness {
  private readonly context = new OffscreenCanvas(WIDE, HIGH).getContext("2d", { willReadFrequently: true });

  /** Mean second difference of the face's brightness over its mean. points as TrackResult has them. */
  of(picture: ImageBitmap, points: Float32Array): number {
    const { context } = this;
    if (!context) return 1;
    const x = ((points[3 * 33]! + points[3 * 263]!) / 2) * picture.width;
    const y = ((points[3 * 33 + 1]! + points[3 * 263 + 1]!) / 2) * picture.width;
    const wide = Math.max(Math.hypot(points[3 * 263]! - points[3 * 33]!, points[3 * 263 + 1]! - points[3 * 33 + 1]!) * picture.width, 8);
    const scale = wide / EYES;
    context.drawImage(picture, x - (WIDE / 2) * scale, y - (HIGH / 3) * scale, WIDE * scale, HIGH * scale, 0, 0, WIDE, HIGH);
    return edges(context.getImageData(0, 0, WIDE, HIGH).data, WIDE, HIGH);
  }
}

/** Of RGBA: the mean of |4c - left - right - above - below| of the green, over the mean of the green. */
export function edges(data: Uint8ClampedArray, width: number, height: number): number {
  let sum = 0, light = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = 4 * (y * width + x) + 1;
      light += data[at]!;
      sum += Math.abs(4 * data[at]! - data[at - 4]! - data[at + 4]! - data[at - 4 * width]! - data[at + 4 * width]!);
    }
  }
  return sum / Math.max(light, 1);
}

/** The picture as JPEG; it is closed. */
export async function encode(picture: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  picture.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}
