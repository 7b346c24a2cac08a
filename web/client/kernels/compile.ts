/** Makes a network out of its ONNX file: code for its convolutions, their weights in memory, and what else is to be done. */
import { abilities, assemble, type Code } from "./assembler";
import { type Activation, type ConvShape, emitConv, packWeights, scratchOf, VECTOR, weightsSize } from "./emit";
import { emitPlanes, emitSamples, type PlanesShape, SAMPLE_WORDS, type SamplesShape } from "./emit_input";
import { type Action, type Conv, lower, type Picture, type Program } from "./lower";
import { readGraph } from "./onnx";
import { type Place, Places, vectorsOf } from "./place";
import { fillSamples } from "./samples";

const PAGE = 1 << 16;
/** Bytes that a network may take: many times what the tracker's do. */
const MAX_MEMORY = 64 << 20;

export interface CompiledNetwork {
  /** The input in planes, in the network's own memory; the caller fills it before run. */
  readonly input: Float32Array;
  readonly outputs: ReadonlyMap<string, Float32Array>;
  /** Computes the outputs, which are valid until the next run. Allocates nothing, and never fails. */
  readonly run: () => void;
}

/** A call of one of the module's functions. */
interface Call {
  readonly code: number;
  readonly args: readonly [number, number, number, number];
}

type Task = Call | (() => void);

/**
 * Throws an Error where the file is not a network whose every part is known, or the machine has no vectors. Without relaxed
 * all machines compute the same bits.
 */
export async function compile(file: Uint8Array, relaxed = abilities().relaxed): Promise<CompiledNetwork> {
  if (!abilities().vectors) throw new Error("This browser's WebAssembly computes no vectors.");
  const { module, memory, tasks, program, inputAt } = new Compiler(lower(readGraph(file)), relaxed).finish();
  const { instance } = await WebAssembly.instantiate(module, { m: { m: memory } });
  const runs = tasks.map((task): () => void => {
    if (typeof task === "function") return task;
    const f = instance.exports[String(task.code)] as (a: number, b: number, c: number, d: number) => void;
    const [a, b, c, d] = task.args;
    return () => f(a, b, c, d);
  });
  const { channels, side } = program.input;
  return {
    input: new Float32Array(memory.buffer, inputAt, channels * side * side),
    outputs: program.outputs,
    run: () => {
      for (const run of runs) run();
    },
  };
}

class Compiler {
  private readonly codes: Code[] = [];
  private readonly known = new Map<string, number>();
  private readonly places: Places;
  private readonly inputAt: number;
  private readonly planesAt: number;
  private readonly scratchAt: number;
  private readonly memory: WebAssembly.Memory;
  private readonly floats: Float32Array;
  private readonly planes: ReturnType<typeof planesOf>;
  private readonly shapes = new Map<Conv, ConvShape>();
  private next: number;

  constructor(private readonly program: Program, private readonly relaxed: boolean) {
    const { actions, input: { channels, side } } = program;
    const convs = actions.filter((action) => action.kind === "conv");
    this.planes = planesOf(program.input, convs);
    this.inputAt = VECTOR;
    this.planesAt = this.inputAt + 4 * channels * side * side;
    this.scratchAt = this.planesAt + aligned(this.planes.row * this.planes.padded);
    // Places need no more than the pictures; shapes need places.
    this.places = new Places(actions, this.scratchAt);
    let size = this.places.end;
    let scratch = 0;
    for (const conv of convs) {
      const shape = this.shape(conv);
      this.shapes.set(conv, shape);
      size += aligned(4 * weightsSize(shape));
      scratch = Math.max(scratch, aligned(scratchOf(shape)));
    }
    for (const action of actions) if (action.kind === "sample") size += 4 * tableSize(action.target);
    size += scratch + VECTOR;
    if (size > MAX_MEMORY) throw new Error("The network takes more memory than one of the tracker's.");
    const pages = Math.ceil(size / PAGE);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.floats = new Float32Array(this.memory.buffer);
    this.scratchAt = this.places.end;
    this.next = this.scratchAt + scratch;
  }

  finish(): { module: Uint8Array<ArrayBuffer>; memory: WebAssembly.Memory; tasks: Task[]; program: Program; inputAt: number } {
    const { factor, summand } = this.program.input;
    const numbers = this.room(2);
    this.floats.set([factor, summand], numbers / 4);
    const fill = this.code(JSON.stringify(this.planes), () => emitPlanes(this.planes, this.relaxed));
    // The planes' first pixel lies behind what stands above and left of it.
    const { pad } = this.program.actions.find((action) => action.kind === "conv" && !action.source) as Conv;
    const first = this.planesAt + pad * (this.planes.row + 4);
    const tasks: Task[] = [{ code: fill, args: [this.inputAt, numbers, first, 0] }];
    for (const action of this.program.actions) tasks.push(...this.task(action));
    const module = assemble(this.codes, this.memory.buffer.byteLength / PAGE);
    return { module, memory: this.memory, tasks, program: this.program, inputAt: this.inputAt };
  }

  private task(action: Action): Task[] {
    switch (action.kind) {
      case "conv": return [this.conv(action)];
      case "sample": return this.sample(action);
      case "read": return [this.read(this.places.of(action.source), action.source, action.target.data)];
      case "step": return [() => action.step.run()];
    }
  }

  private conv(conv: Conv): Call {
    const shape = this.shapes.get(conv);
    if (!shape) throw new Error("a convolution without a shape");
    const weights = this.room(weightsSize(shape));
    packWeights(shape, weightsOf(conv), this.floats.subarray(weights / 4));
    const code = this.code(JSON.stringify(shape), () => emitConv(shape, this.scratchAt, this.relaxed));
    const pad = conv.depthwise?.pad ?? 0;
    const source = conv.source ? this.places.of(conv.source).at - pad * (shape.source.row + shape.source.pixel) : this.planesAt;
    return { code, args: [source, weights, this.places.of(conv.target).at, conv.residual ? this.places.of(conv.residual.picture).at : 0] };
  }

  private shape(conv: Conv): ConvShape {
    const { target, residual, depthwise } = conv;
    const to = this.places.of(target);
    const source = conv.source ? this.places.of(conv.source) : { pixel: 4 * conv.stride, row: this.planes.row * conv.stride, vectors: 0 };
    const whole = conv.source !== null && conv.kernel > 1;
    if (whole && conv.source.border !== 0) throw new Error("a convolution of a whole picture that has a border");
    const { kernel } = conv;
    const across = Array.from({ length: kernel }, (_, i) => 4 * i);
    const plus = residual ? this.places.of(residual.picture) : null;
    return {
      from: source.vectors, to: to.vectors, width: target.width, height: target.height,
      source: { pixel: source.pixel, row: source.row }, target: { pixel: to.pixel, row: to.row },
      activation: conv.activation satisfies Activation, depthwise: depthwise?.stride ?? 0,
      residual: plus && residual ? { vectors: plus.vectors, pooled: residual.pooled, strides: { pixel: plus.pixel, row: plus.row } } : null,
      taps: conv.source ? [0, 4, 8, 12] : across,
      rounds: conv.source ? source.vectors * (whole ? kernel * kernel : 1) : kernel * this.planes.planes,
      step: conv.source ? VECTOR : this.planes.plane,
    };
  }

  private sample({ source, grid, target }: Action & { kind: "sample" }): Task[] {
    const from = this.places.of(source), to = this.places.of(target);
    const table = this.room(tableSize(target));
    const words = new Int32Array(this.memory.buffer, table, tableSize(target));
    const weights = new Float32Array(this.memory.buffer, table, tableSize(target));
    const shape: SamplesShape = { vectors: to.vectors, width: target.width, height: target.height, target: { pixel: to.pixel, row: to.row } };
    const code = this.code(JSON.stringify(["samples", shape]), () => emitSamples(shape, this.relaxed));
    return [() => fillSamples(grid.data, source, from, words, weights), { code, args: [from.at, table, to.at, 0] }];
  }

  private read({ at, pixel, row }: Place, { channels, height, width }: Picture, to: Float32Array): () => void {
    const { floats } = this;
    return () => {
      let i = 0;
      for (let c = 0; c < channels; c++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0, from = (at + y * row) / 4 + c; x < width; x++, from += pixel / 4) to[i++] = floats[from]!;
        }
      }
    };
  }

  /** One function for all that are the same. */
  private code(key: string, emit: () => Code): number {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.known.set(key, this.codes.length);
    return this.codes.push(emit()) - 1;
  }

  /** The address of room for so many floats that stays taken. */
  private room(floats: number): number {
    const at = this.next;
    this.next += aligned(4 * floats);
    return at;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / VECTOR) * VECTOR;
}

function tableSize({ width, height }: Picture): number {
  return SAMPLE_WORDS * width * height;
}

/** The input with the border that the first convolution reads; padded is its side with that. */
function planesOf({ channels, side }: Program["input"], convs: readonly Conv[]): PlanesShape & { padded: number } {
  const firsts = convs.filter(({ source }) => source === null);
  const [first] = firsts;
  if (!first || firsts.length > 1) throw new Error("The network does not begin with one convolution.");
  const { kernel, stride, pad, target } = first;
  const read = (target.width - 1) * stride + kernel;
  const padded = Math.max(read, pad + side);
  return { planes: channels, width: side, height: side, plane: 4 * padded, row: 4 * padded * channels, padded };
}

/** The numbers of a convolution by channel and tap, as the kernel counts them. */
function weightsOf(conv: Conv): Parameters<typeof packWeights>[1] {
  const { weights, bias, slopes, depthwise, kernel, source } = conv;
  const [to = 0, channels = 0] = weights.shape;
  const area = kernel * kernel;
  const number = (from: Float32Array | undefined, channel: number, count: number): number => (channel < count ? from?.[channel] ?? 0 : 0);
  const packed = 4 * vectorsOf(channels);
  return {
    depthwise: depthwise && ((channel, tap) => channel < channels ? depthwise.weights.data[9 * channel + tap] ?? 0 : 0),
    depthwiseBias: (channel) => number(depthwise?.bias.data, channel, channels),
    bias: (channel) => number(bias.data, channel, to),
    slope: (channel) => number(slopes?.data, channel, to),
    factor: (channel, tap) => {
      // Of a picture pixel by pixel, of the input's planes row by row.
      const from = source ? tap % packed : Math.floor(tap / kernel) % channels;
      const cell = source ? Math.floor(tap / packed) : Math.floor(tap / kernel / channels) * kernel + (tap % kernel);
      return channel < to && from < channels ? weights.data[(channel * channels + from) * area + cell] ?? 0 : 0;
    },
  };
}
