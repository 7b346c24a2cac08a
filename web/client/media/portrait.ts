/** Pictures as the server can read them. */

/** What it reads as it is. */
const KINDS = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff"];
/** The most pixels that it reads. */
const PIXELS = 16e6;
/** The longer side of what is made here, pixels: more is not seen of a portrait. */
const EDGE = 3000;
const QUALITY = 0.95;

/**
 * The picture as it is where the server can read it, else made anew: too many pixels are scaled down, and what this browser can read
 * (AVIF; in Safari HEIC) becomes JPEG, or WebP where it may be transparent. What the browser cannot read stays as it is: the
 * server says why not.
 */
export async function readable(picture: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(picture).catch(() => null);
  if (!bitmap) return picture;
  try {
    if (KINDS.includes(picture.type) && bitmap.width * bitmap.height <= PIXELS) return picture;
    const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: picture.type === "image/jpeg" ? "image/jpeg" : "image/webp", quality: QUALITY });
  } catch {
    return picture; // no memory for so many pixels
  } finally {
    bitmap.close();
  }
}
