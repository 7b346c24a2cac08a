import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { modelsFolder } from "../testing/paths";
import { abilities, assemble, Code } from "./assembler";
import { algebra, type Flat } from "./algebra";
import { compile } from "./compile";
import { lower } from "./lower";
import { readGraph } from "./onnx";
import { fillSamples } from "./samples";

const FILES = [["face_landmarks.onnx", 192], ["face_detection.onnx", 128]] as const;
const skip = existsSync(join(modelsFolder, FILES[0][0])) ? false : `no networks in ${modelsFolder}: run make models`;
const bytesOf = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(join(modelsFolder, file)));

/** The same numbers each time. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

for (const [file, side] of FILES) {
  test(`${file}: own kernels compute what ONNX Runtime computes`, { skip }, async (t) => {
    const ort = await import("onnxruntime-web");
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(bytesOf(file), { executionProviders: ["wasm"], logSeverityLevel: 3 });
    // Where the machine's own rounding is to be had, both kinds of code have to be right.
    const kinds = await Promise.all([...new Set([false, abilities().relaxed])].map((relaxed) => compile(bytesOf(file), relaxed)));
    const random = noise(7);
    const input = new Float32Array(3 * side * side);
    const pictures = [() => 0, () => 1, random, (i: number) => 0.5 + 0.3 * Math.sin(i / 700) + 0.2 * random()];
    let worst = 0;
    for (const picture of pictures) {
      for (let i = 0; i < input.length; i++) input[i] = picture(i);
      const wanted = await session.run({ image: new ort.Tensor("float32", input, [1, 3, side, side]) });
      for (const { input: own, run, outputs } of kinds) {
        own.set(input);
        run();
        for (const [name, got] of outputs) {
          const right = wanted[name]!.data as Float32Array;
          assert.equal(got.length, right.length);
          got.forEach((value, i) => {
            const off = Math.abs(value - right[i]!);
            assert.ok(off < 1e-3, `${name}[${i}] is ${value}, not ${right[i]!}`);
            worst = Math.max(worst, off);
          });
        }
      }
    }
    t.diagnostic(`at most ${worst.toExponential(1)} apart`);
  });
}

test("a run leaves nothing behind that the next would see, not even NaN", { skip }, async () => {
  const { input, outputs, run } = await compile(bytesOf("face_landmarks.onnx"));
  const compute = (value: (i: number) => number): number[] => {
    for (let i = 0; i < input.length; i++) input[i] = value(i);
    run();
    return [...outputs.get("landmarks")!];
  };
  const picture = (i: number): number => (i % 97) / 97;
  const first = compute(picture);
  compute(() => NaN);
  compute(() => Infinity);
  assert.deepEqual(compute(picture), first);
});

test("broken files are refused or compiled, and nothing else happens", { skip }, () => {
  const whole = bytesOf("face_detection.onnx");
  const random = noise(3);
  const tried = { refused: 0, read: 0 };
  for (let n = 0; n < 300; n++) {
    const file = whole.slice(0, n % 3 === 0 ? Math.floor(random() * whole.length) : whole.length);
    for (let k = 0; k < 3; k++) file[Math.floor(random() ** 4 * file.length)] = Math.floor(random() * 256);
    try {
      lower(readGraph(file));
      tried.read++;
    } catch (error) {
      assert.ok(error instanceof Error && !(error instanceof TypeError) && !(error instanceof RangeError), String(error));
      tried.refused++;
    }
  }
  assert.ok(tried.refused > 50, JSON.stringify(tried));
});

test("numbers of every size are written as WebAssembly has them", async () => {
  for (const value of [0, 1, 63, 64, 127, 128, 8191, 8192, 1 << 20, -1, -64, -65, -(1 << 20)]) {
    const code = new Code(1, false);
    const at = code.address();
    const [target] = code.params;
    code.constant(value).set(at);
    // Only where both are written right is their sum the address of what is read here.
    code.move(target!, at, -value);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const sum = code.vector();
    code.splat(target!, 16).set(sum).store(target!, 0, sum);
    new Float32Array(memory.buffer)[4] = 5;
    const { instance } = await WebAssembly.instantiate(assemble([code], 1), { m: { m: memory } });
    (instance.exports["0"] as (to: number) => void)(0);
    assert.deepEqual([...new Float32Array(memory.buffer, 0, 4)], [5, 5, 5, 5], `${value}`);
  }
});

test("samples outside the picture weigh nothing and are read within it", () => {
  const grid = new Float32Array([-1, -1, NaN, 0, 1e30, -1e30, 0, 0]);
  const words = new Int32Array(32);
  const weights = new Float32Array(words.buffer);
  fillSamples(grid, { channels: 4, width: 4, height: 4, border: 0 }, { pixel: 16, row: 64 }, words, weights);
  for (let i = 0; i < 4; i++) for (let corner = 0; corner < 4; corner++) assert.ok(words[8 * i + corner]! >= 0 && words[8 * i + corner]! <= 240);
  // At the very corner a quarter lies inside, far out nothing does, in the middle all.
  assert.deepEqual([0, 1, 2, 3].map((i) => weights.subarray(8 * i + 4, 8 * i + 8).reduce((sum, w) => sum + w)), [0.25, 0, 0, 1]);
});

test("operators on lists", () => {
  const flat = (shape: number[], data: number[]): Flat => ({ shape, data: new Float32Array(data), constant: true });
  const run = (op: string, inputs: Flat[], lists: [string, number[]][] = [], numbers: [string, number][] = []): { shape: readonly number[]; data: number[] } => {
    const step = algebra({ op, inputs: [], output: op, lists: new Map(lists), numbers: new Map(numbers), texts: new Map() }, inputs);
    step.run();
    return { shape: step.output.shape, data: [...step.output.data] };
  };
  const six = flat([2, 3], [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(run("Transpose", [six], [["perm", [1, 0]]]), { shape: [3, 2], data: [1, 4, 2, 5, 3, 6] });
  assert.deepEqual(run("Concat", [six, flat([2, 1], [7, 8])], [], [["axis", 1]]), { shape: [2, 4], data: [1, 2, 3, 7, 4, 5, 6, 8] });
  assert.deepEqual(run("Gather", [six, flat([2], [2, 0])], [], [["axis", 1]]), { shape: [2, 2], data: [3, 1, 6, 4] });
  assert.deepEqual(run("Slice", [six, flat([1], [-2]), flat([1], [9]), flat([1], [1])]), { shape: [2, 2], data: [2, 3, 5, 6] });
  assert.deepEqual(run("Mul", [six, flat([3], [1, 0, -1])]), { shape: [2, 3], data: [1, 0, -3, 4, 0, -6] });
  assert.deepEqual(run("ReduceMean", [six], [["axes", [0]]]), { shape: [1, 3], data: [2.5, 3.5, 4.5] });
  assert.deepEqual(run("ReduceMax", [six], [["axes", [1]]]), { shape: [2, 1], data: [3, 6] });
  assert.deepEqual(run("MatMul", [six, flat([3, 1], [1, 1, 1])]), { shape: [2, 1], data: [6, 15] });
  assert.deepEqual(run("Reshape", [six, flat([2], [-1, 2])]), { shape: [3, 2], data: [1, 2, 3, 4, 5, 6] });
  assert.deepEqual(run("Expand", [flat([1, 2], [1, 2]), flat([2], [2, 2])]), { shape: [2, 2], data: [1, 2, 1, 2] });
  assert.throws(() => run("Gather", [six, flat([1], [3])], [], [["axis", 1]]));
  assert.throws(() => run("Softmax", [six]));
});
