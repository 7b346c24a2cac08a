/** The user's own background: made small, and kept on this device, since the server forgets it. */

/** Pixels of its longer side, and how it is compressed: no picture is wider than what is seen of it. */
const EDGE = 1920;
const QUALITY = 0.9;
const DATABASE = "gioconda";
const TABLE = "pictures";
const KEY = "backdrop";

/** The picture at most EDGE pixels wide and high, without what else its file says; as it is where the browser cannot read it. */
export async function shrink(picture: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(picture).catch(() => null);
  if (!bitmap) return picture;
  const scale = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale)));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

/** Keeps it for the next visit, as far as this browser keeps anything. */
export async function keepBackdrop(picture: Blob): Promise<void> {
  await transact("readwrite", (table) => table.put(picture, KEY)).catch(() => undefined);
}

/** What was kept last; null where nothing was. */
export async function keptBackdrop(): Promise<Blob | null> {
  const kept = await transact("readonly", (table) => table.get(KEY)).catch(() => null);
  return kept instanceof Blob ? kept : null;
}

async function transact(mode: IDBTransactionMode, ask: (table: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  const database = await settled(opening);
  try {
    return await settled(ask(database.transaction(TABLE, mode).objectStore(TABLE)));
  } finally {
    database.close();
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser keeps nothing"));
  });
}
