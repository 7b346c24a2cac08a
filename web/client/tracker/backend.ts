/** Decides what runs the networks: own kernels where they can, else ONNX Runtime; WebGPU must earn its place by measurement. */
import type { TrackerReady } from "./messages";
import { fetchModels, loadKernels, loadNetworks, type Network, type Networks, type Sources } from "./networks";

const RUNS = 9;
/** A backend that is this much slower than the other is not worth measuring to the end. */
const HOPELESS = 3;
/** WebGPU must be this much faster, because its times vary more under load. */
const MARGIN = 0.8;

/** Milliseconds of the landmark network beyond which a GPU may be worth what has to be fetched for it. */
const SLOW = 10;

/** Calls use as soon as something on the CPU is warm, and again where WebGPU turns out to be faster. */
export async function chooseBackend(sources: Sources, use: (networks: Networks, ready: TrackerReady) => void): Promise<void> {
  const models = await fetchModels(sources.models);
  const cpu = await loadKernels(models).catch(() => loadNetworks("wasm", sources, models));
  const wasm = await warmUp(cpu);
  use(cpu, { type: "ready", backend: cpu.backend, wasm, webgpu: null });
  if (wasm < SLOW || !await hasFastGpu()) return;
  try {
    const gpu = await loadNetworks("webgpu", sources, models);
    const webgpu = await warmUp(gpu, HOPELESS * wasm);
    const faster = webgpu < MARGIN * wasm;
    if (!faster) await Promise.all([gpu.detection.release(), gpu.landmarks.release()]);
    use(faster ? gpu : cpu, { type: "ready", backend: faster ? "webgpu" : cpu.backend, wasm, webgpu });
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
