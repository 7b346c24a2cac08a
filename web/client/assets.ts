import type { Sources } from "./tracker/networks";

/** Addresses of the built files, relative to the page; the build fills them in. */
export interface Assets {
  tracker: string;
  wasm: string;
  webgpuWasm: string;
}

/** Where the tracker's worker is, and what it loads. */
export function trackerOf({ tracker, wasm, webgpuWasm }: Assets): { script: string; sources: Sources } {
  const absolute = (path: string): string => new URL(path, document.baseURI).href;
  return { script: absolute(tracker), sources: { models: absolute("models/"), wasm: absolute(wasm), webgpuWasm: absolute(webgpuWasm) } };
}
