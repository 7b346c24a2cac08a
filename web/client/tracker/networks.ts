/**
 * The two networks of the tracker behind a small interface; the only place that knows what runs them: our own kernels, or
 * ONNX Runtime, megabytes of it, where those cannot.
 */
import type { InferenceSession, Tensor, TensorConstructor } from "onnxruntime-web";
import { compile } from "../kernels/compile";
import { COUNT } from "../wire/sample";
import { BOX_COUNT } from "./detect";

export const DETECT_SIDE = 128;
export const MESH_SIDE = 192;

export type Backend = "kernels" | "wasm" | "webgpu";

/** One network with fixed input and output room. Belongs to the thread that loaded it; one run at a time. */
export interface Network {
  /** 3 x side x side, planes R, G, B, 0..1; the caller fills it before run. */
  readonly input: Float32Array;
  readonly side: number;
  /** Runs on input; resolves to the outputs by name, valid until the next run. */
  run(): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

export interface Networks {
  readonly backend: Backend;
  readonly detection: Network;
  readonly landmarks: Network;
}

/** What both builds of ONNX Runtime have in common. */
interface Runtime {
  InferenceSession: { create(model: ArrayBuffer, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: TensorConstructor;
  env: { wasm: { wasmPaths?: unknown; numThreads?: number }; logLevel?: string };
}

/** Addresses of what the tracker loads. */
export interface Sources {
  /** Folder of the networks, with a slash at its end. */
  models: string;
  /** WebAssembly of the plain and of the WebGPU build. */
  wasm: string;
  webgpuWasm: string;
}

/** What the tracker reads of each network, and how many numbers that are. */
const OUTPUTS = {
  detection: { boxes: BOX_COUNT * 16, scores: BOX_COUNT },
  landmarks: { landmarks: COUNT * 3, score: 1 },
};

/** Loads ONNX Runtime for one backend and both networks. */
export async function loadNetworks(backend: "wasm" | "webgpu", sources: Sources, models: ModelFiles): Promise<Networks> {
  const ort = await loadRuntime(backend, sources);
  const load = async (file: ArrayBuffer, side: number, outputs: Record<string, number>): Promise<Network> => {
    const session = await ort.InferenceSession.create(file, {
      executionProviders: [backend], graphOptimizationLevel: "all", logSeverityLevel: 3,
    });
    return new OrtNetwork(ort, session, side, outputs);
  };
  const detection = await load(models.detection, DETECT_SIDE, OUTPUTS.detection);
  const landmarks = await load(models.landmarks, MESH_SIDE, OUTPUTS.landmarks);
  return { backend, detection, landmarks };
}

/** Rejects where a network has what no kernel does, or this machine's WebAssembly no vectors. */
export async function loadKernels(models: ModelFiles): Promise<Networks> {
  const load = async (file: ArrayBuffer, side: number, outputs: Record<string, number>): Promise<Network> => {
    const { input, outputs: computed, run } = await compile(new Uint8Array(file));
    const read: Record<string, Float32Array> = {};
    for (const [name, size] of Object.entries(outputs)) {
      const output = computed.get(name);
      if (output?.length !== size) throw new Error(`The tracker's network has no output "${name}".`);
      read[name] = output;
    }
    if (input.length !== 3 * side * side) throw new Error("The tracker's network looks at pictures of another size.");
    const done = Promise.resolve(read);
    return {
      input, side,
      run: () => {
        run();
        return done;
      },
      release: () => Promise.resolve(),
    };
  };
  const [detection, landmarks] = await Promise.all([
    load(models.detection, DETECT_SIDE, OUTPUTS.detection), load(models.landmarks, MESH_SIDE, OUTPUTS.landmarks),
  ]);
  return { backend: "kernels", detection, landmarks };
}

export interface ModelFiles {
  detection: ArrayBuffer;
  landmarks: ArrayBuffer;
}

export async function fetchModels(folder: string): Promise<ModelFiles> {
  const load = async (name: string): Promise<ArrayBuffer> => {
    const answer = await fetch(folder + name);
    if (!answer.ok) throw new Error(`The face tracker's network is missing on the server (${name}); run "gioconda models build" there, then reload.`);
    return answer.arrayBuffer();
  };
  const [detection, landmarks] = await Promise.all([load("face_detection.onnx"), load("face_landmarks.onnx")]);
  return { detection, landmarks };
}

async function loadRuntime(backend: "wasm" | "webgpu", sources: Sources): Promise<Runtime> {
  const ort: Runtime = backend === "webgpu"
    ? await import("onnxruntime-web/jspi")
    : await import("onnxruntime-web/wasm");
  ort.env.wasm.wasmPaths = { wasm: backend === "webgpu" ? sources.webgpuWasm : sources.wasm };
  // A second thread gains little on networks this small, and the video decoder needs that core.
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  return ort;
}

class OrtNetwork implements Network {
  readonly input: Float32Array;
  private readonly feeds: Record<string, Tensor>;
  private readonly outputs: Record<string, Float32Array> = {};

  constructor(ort: Runtime, private readonly session: InferenceSession, readonly side: number, sizes: Record<string, number>) {
    this.input = new Float32Array(3 * side * side);
    this.feeds = { image: new ort.Tensor("float32", this.input, [1, 3, side, side]) };
    for (const [name, size] of Object.entries(sizes)) {
      if (!session.outputNames.includes(name)) throw new Error(`The tracker's network has no output "${name}".`);
      this.outputs[name] = new Float32Array(size);
    }
  }

  async run(): Promise<Record<string, Float32Array>> {
    const results = await this.session.run(this.feeds);
    for (const name in this.outputs) {
      const tensor = results[name]!;
      this.outputs[name]!.set(tensor.data as Float32Array);
      tensor.dispose();
    }
    return this.outputs;
  }

  release(): Promise<void> {
    return this.session.release();
  }
}
