/** Decides by measurement what runs the networks: WebAssembly always works, WebGPU must earn its place. */
import type { TrackerReady } from "./messages";
import { fetchModels, loadNetworks, type Network, type Networks, type Sources } from "./networks";

const RUNS = 9;
/** A backend that is this much slower than the other is not worth measuring to the end. */
const HOPELESS = 3;
/** WebGPU must be this much faster, because its times vary more under load. */
const MARGIN = 0.8;

/** Calls use with WebAssembly as soon as that is warm, and again where WebGPU turns out to be faster. */
export async function chooseBackend(sources: Sources, use: (networks: Networks, ready: TrackerReady) => void): Promise<void> {
  const models = await fetchModels(sources.models);
  const wasm = await loadNetworks("wasm", sources, models);
  const wasmMillis = await warmUp(wasm);
  use(wasm, { type: "ready", backend: "wasm", wasm: wasmMillis, webgpu: null });
  if (!await hasFastGpu()) return;
  try {
    const webgpu = await loadNetworks("webgpu", sources, models);
    const webgpuMillis = await warmUp(webgpu, HOPELESS * wasmMillis);
    const faster = webgpuMillis < MARGIN * wasmMillis;
    if (!faster) await Promise.all([webgpu.detection.release(), webgpu.landmarks.release()]);
    use(faster ? webgpu : wasm, {
      type: "ready", backend: faster ? "webgpu" : "wasm", wasm: wasmMillis, webgpu: webgpuMillis,
    });
  } catch {
    // The GPU path failed to load: what runs already keeps running.
  }
}

async function warmUp(networks: Networks, limit = Infinity): Promise<number> {
  await networks.detection.run();
  return measure(networks.landmarks, limit);
}

/**
 * Milliseconds of the fastest run: the first ones still compile. Stops early when even the second takes longer than
 * limit.
 */
async function measure(network: Network, limit: number): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    await network.run();
    best = Math.min(best, performance.now() - start);
    if (i > 0 && best > limit) break;
  }
  return best;
}

/** The WebGPU build needs JavaScript promise integration; a software adapter never beats WebAssembly. */
async function hasFastGpu(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: Gpu };
  if (!gpu || !("Suspending" in WebAssembly)) return false;
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter !== null && adapter.info?.isFallbackAdapter !== true;
}

/** What of WebGPU is asked; lib.dom takes for granted what many browsers lack. */
interface Gpu {
  requestAdapter(): Promise<GpuAdapter | null>;
}

interface GpuAdapter {
  info?: { isFallbackAdapter?: boolean };
}
