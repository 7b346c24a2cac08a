/** Decides by measurement what runs the networks: WebAssembly always works, WebGPU must earn its place. */
import type { TrackerReady } from "./messages";
import { fetchModels, loadNetworks, type Network, type Networks, type Sources } from "./networks";

const RUNS = 7;
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
    const webgpuMillis = await warmUp(webgpu);
    const faster = webgpuMillis < MARGIN * wasmMillis;
    use(faster ? webgpu : wasm, {
      type: "ready", backend: faster ? "webgpu" : "wasm", wasm: wasmMillis, webgpu: webgpuMillis,
    });
  } catch {
    // The GPU path failed to load: what runs already keeps running.
  }
}

async function warmUp(networks: Networks): Promise<number> {
  await networks.detection.run();
  return measure(networks.landmarks);
}

/** Median milliseconds of a run, the first two left out. */
async function measure(network: Network): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < RUNS + 2; i++) {
    const start = performance.now();
    await network.run();
    times.push(performance.now() - start);
  }
  return times.slice(2).sort((a, b) => a - b)[RUNS >> 1]!;
}

/** The WebGPU build needs JavaScript promise integration; a software adapter never beats WebAssembly. */
async function hasFastGpu(): Promise<boolean> {
  const { gpu } = navigator as Navigator & { gpu?: { requestAdapter(): Promise<GpuAdapter | null> } };
  if (!gpu || !("Suspending" in WebAssembly)) return false;
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter !== null && adapter.info?.isFallbackAdapter !== true;
}

interface GpuAdapter {
  info?: { isFallbackAdapter?: boolean };
}
