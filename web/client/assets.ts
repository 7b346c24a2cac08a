/** Addresses of the built files, relative to the page; the build fills them in. */
export interface Assets {
  tracker: string;
  wasm: string;
  webgpuWasm: string;
}
