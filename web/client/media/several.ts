/** Several pictures for one upload: each as small as it may be without losing what is seen. */

/** The server's limits: bytes of an upload, and pictures in it. */
const MOST_BYTES = 30 * 2 ** 20;
export const MOST_PICTURES = 100;
/** Longer sides, pixels, from what is best to what is enough; few pictures may be large. */
const EDGES = [2048, 1448, 1024, 724] as const;
/** Bytes up to which a picture stays as it is. */
const SMALL = 400_000;
const QUALITY = 0.9;
const KINDS = ["image/jpeg", "image/png", "image/webp"];

/** The longer side of each of so many pictures. */
export function edgeFor(count: number): number {
  return count <= 16 ? EDGES[0] : count <= 40 ? EDGES[1] : EDGES[2];
}

/** The picture reduced to this longer side; as it is where it is small, or this browser cannot read it. */
export async function reduced(picture: Blob, edge: number): Promise<Blob> {
  const bitmap = await createImageBitmap(picture).catch(() => null);
  if (!bitmap) return picture;
  try {
    const longer = Math.max(bitmap.width, bitmap.height);
    if (longer <= edge && picture.size <= SMALL && KINDS.includes(picture.type)) return picture;
    const scale = Math.min(1, edge / longer);
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) return picture;
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  } catch {
    return picture; // no memory for so many pixels
  } finally {
    bitmap.close();
  }
}

/** Which edge makes all of them fit into one upload, having this one now; null where they fit, or cannot. */
export function smallerEdge(sizes: readonly number[], edge: number): number | null {
  if (sizes.reduce((sum, size) => sum + size, 0) <= MOST_BYTES) return null;
  return EDGES.find((next) => next < edge) ?? null;
}
