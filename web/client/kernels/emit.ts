/**
 * The kernels: a convolution with all that follows it, for fixed sizes. Pictures lie with their channels together, padded with
 * zeros to a multiple of four, pixel by pixel and row by row; what a 3x3 kernel reads beyond the edge is a border of zeros.
 *
 * A depthwise convolution is done for a few rows, which stay in the cache for the 1x1 convolution after it.
 */
import { Code, type Local } from "./assembler";

/** Bytes of four floats. */
export const VECTOR = 16;

/** Steps in bytes. */
export interface Strides {
  readonly pixel: number;
  readonly row: number;
}

export type Activation = "none" | "relu" | "prelu";

/** Everything that the code depends on; where things lie is given to each call. */
export interface ConvShape {
  /** Vectors of channels. */
  readonly from: number;
  readonly to: number;
  /** Pixels of the output. */
  readonly width: number;
  readonly height: number;
  readonly source: Strides;
  readonly target: Strides;
  readonly activation: Activation;
  /** A depthwise 3x3 before it, of this stride; 0 without. */
  readonly depthwise: 0 | 1 | 2;
  /** Added before the activation: how many vectors of it, whether the largest of 2x2 pixels each, and its steps. */
  readonly residual: { readonly vectors: number; readonly pooled: boolean; readonly strides: Strides } | null;
  /** Where without a depthwise one before it the factors of one pixel lie: for each of rounds, a step apart, these offsets. */
  readonly taps: readonly number[];
  readonly rounds: number;
  readonly step: number;
}

/** Rows of the intermediate picture at a time: so many bytes at most, if it is one row at least. */
const STRIP = 24 * 1024;

/** How the outputs are cut up: pixels and vectors of channels that are summed up at once, in registers. */
export function tileOf({ width, to }: { width: number; to: number }): { pixels: number; vectors: number } {
  const [pixels, vectors] = width % 4 === 0 ? [4, 2] : width % 3 === 0 ? [3, 3] : width % 2 === 0 ? [2, 4] : [1, 8];
  return { pixels, vectors: Math.min(vectors, to) };
}

/** Rows that are done at a time. */
export function stripRows({ depthwise, width, height, from }: ConvShape): number {
  if (depthwise === 0) return height;
  const row = width * from * VECTOR;
  let rows = Math.max(1, Math.min(height, Math.floor(STRIP / row)));
  while (height % rows !== 0) rows--;
  return rows;
}

/** Bytes that a convolution wants for what it keeps between its two halves. */
export function scratchOf(shape: ConvShape): number {
  return shape.depthwise === 0 ? 0 : stripRows(shape) * shape.width * shape.from * VECTOR;
}

/** A function of four addresses: source, weights, target, residual. */
export function emitConv(shape: ConvShape, scratch: number, relaxed: boolean): Code {
  return new ConvEmitter(shape, scratch, relaxed).code;
}

class ConvEmitter {
  readonly code: Code;
  private readonly source: Local;
  private readonly weights: Local;
  private readonly target: Local;
  private readonly residual: Local;
  /** Spare registers: sums, factors of the weights, one of the picture, and nothing else lives across a tile. */
  private readonly sums: Local[];
  private readonly factors: Local[];
  private readonly spare: Local;

  constructor(private readonly shape: ConvShape, private readonly scratch: number, relaxed: boolean) {
    this.code = new Code(4, relaxed);
    [this.source, this.weights, this.target, this.residual] = this.code.params as [Local, Local, Local, Local];
    const vectors = (count: number): Local[] => Array.from({ length: count }, () => this.code.vector());
    this.sums = vectors(12);
    this.factors = vectors(10);
    this.spare = this.code.vector();
    this.strips();
  }

  private strips(): void {
    const { code, shape } = this;
    const rows = stripRows(shape);
    const factors = code.address();
    const downRows = rows * Math.max(1, shape.depthwise);
    code.repeat(shape.height / rows, [
      [this.target, rows * shape.target.row],
      [this.source, shape.depthwise === 0 ? 0 : downRows * shape.source.row],
      [this.residual, shape.residual ? rows * shape.residual.strides.row * (shape.residual.pooled ? 2 : 1) : 0],
    ], () => {
      code.move(factors, this.weights, 0);
      if (shape.depthwise !== 0) this.depthwise(factors, rows);
      this.pointwise(factors, rows);
    });
  }

  /** Column by column: each of the source's columns counts for up to three outputs, and is read once. */
  private depthwise(factors: Local, rows: number): void {
    const { code, shape } = this;
    const out = code.address(), column = code.address(), row = code.address();
    const from = code.address(), to = code.address();
    const [now, next] = this.sums as [Local, Local];
    const pixels = shape.width * shape.from * VECTOR;
    code.move(column, this.source, 0);
    code.constant(this.scratch).set(to);
    code.repeat(shape.from, [[factors, 10 * VECTOR], [column, VECTOR], [to, VECTOR]], () => {
      for (let i = 0; i < 9; i++) code.load(factors, i * VECTOR).set(this.factors[i]!);
      code.move(row, column, 0).move(out, to, 0);
      code.repeat(rows, [[row, shape.depthwise * shape.source.row], [out, pixels]], () => {
        const cell = code.address();
        code.move(from, row, 0).move(cell, out, 0);
        if (shape.depthwise === 1) this.sweep(from, cell, now, next, factors);
        else this.leap(from, cell, now, factors);
      });
    });
  }

  /** One row with stride 1; from is at the column before the first. */
  private sweep(from: Local, to: Local, now: Local, next: Local, factors: Local): void {
    const { code, shape: { width, source, from: vectors } } = this;
    const done = this.sums[2]!;
    const column = (sums: readonly (readonly [Local, number])[], at: number): void => {
      for (let y = 0; y < 3; y++) {
        code.load(from, y * source.row + at).set(this.spare);
        for (const [sum, x] of sums) code.accumulate(sum, () => code.get(this.spare), () => code.get(this.factors[3 * y + x]!));
      }
    };
    // now is the sum of the column's own output so far, next that of the one after it.
    code.load(factors, 9 * VECTOR).set(now);
    code.load(factors, 9 * VECTOR).set(next);
    column([[now, 0]], 0);
    column([[now, 1], [next, 0]], source.pixel);
    code.move(from, from, 2 * source.pixel);
    code.repeat(width, [[from, source.pixel], [to, vectors * VECTOR]], () => {
      code.get(now).set(done);
      code.get(next).set(now);
      code.load(factors, 9 * VECTOR).set(next);
      column([[done, 2], [now, 1], [next, 0]], 0);
      code.store(to, 0, done);
    });
  }

  /** One row with stride 2; from is at the first column that counts. */
  private leap(from: Local, to: Local, now: Local, factors: Local): void {
    const { code, shape: { width, source, from: vectors } } = this;
    code.repeat(width, [[from, 2 * source.pixel], [to, vectors * VECTOR]], () => {
      code.load(factors, 9 * VECTOR).set(now);
      for (let i = 0; i < 9; i++) {
        const at = Math.floor(i / 3) * source.row + (i % 3) * source.pixel;
        code.accumulate(now, () => code.load(from, at), () => code.get(this.factors[i]!));
      }
      code.store(to, 0, now);
    });
  }

  private pointwise(factors: Local, rows: number): void {
    const { shape } = this;
    const tile = tileOf(shape);
    const whole = Math.floor(shape.to / tile.vectors);
    const added = shape.residual?.vectors ?? 0;
    // Tiles of one kind in a row share their code: those with a residual, one with half of it, those without, a rest.
    let at = 0;
    while (at < shape.to) {
      const vectors = at < whole * tile.vectors ? tile.vectors : shape.to - at;
      const withAdded = Math.max(0, Math.min(vectors, added - at));
      let count = 1;
      if (vectors === tile.vectors) {
        const end = withAdded === vectors ? Math.min(added, whole * tile.vectors) : withAdded > 0 ? at + vectors : whole * tile.vectors;
        count = Math.max(1, Math.floor((end - at) / vectors));
      }
      this.tiles(factors, rows, at, count, vectors, withAdded);
      at += count * vectors;
    }
  }

  /** count tiles of so many vectors, from vector at on, over all pixels of the strip. */
  private tiles(factors: Local, rows: number, at: number, count: number, vectors: number, added: number): void {
    const { code, shape } = this;
    const { pixels } = tileOf(shape);
    const { pixel, row } = shape.depthwise === 0 ? shape.source : { pixel: shape.from * VECTOR, row: shape.width * shape.from * VECTOR };
    const out = code.address(), line = code.address(), from = code.address(), to = code.address(), plus = code.address();
    const extra = code.address(), extraLine = code.address(), cell = code.address();
    const strides = shape.residual?.strides ?? { pixel: 0, row: 0 };
    const pool = shape.residual?.pooled ? 2 : 1;
    code.move(out, this.target, at * VECTOR).move(extra, this.residual, at * VECTOR);
    const size = panelSize(vectors, shape) * 4;
    code.repeat(count, [[factors, size], [out, vectors * VECTOR], [extra, vectors * VECTOR]], () => {
      code.move(line, out, 0).move(extraLine, extra, 0);
      if (shape.depthwise === 0) code.move(cell, this.source, 0);
      else code.constant(this.scratch).set(cell);
      code.repeat(rows, [[line, shape.target.row], [cell, row], [extraLine, pool * strides.row]], () => {
        code.move(from, cell, 0).move(to, line, 0).move(plus, extraLine, 0);
        code.repeat(shape.width / pixels, [[to, pixels * shape.target.pixel], [from, pixels * pixel], [plus, pool * pixels * strides.pixel]], () => {
          this.tile(from, factors, pixels, vectors, pixel);
          this.finish(to, plus, factors, pixels, vectors, added);
        });
      });
    });
  }

  /** The sums of one tile. */
  private tile(from: Local, weights: Local, pixels: number, vectors: number, pixel: number): void {
    const { code, shape: { taps, rounds, step } } = this;
    const at = code.address(), factors = code.address();
    for (let p = 0; p < pixels; p++) for (let v = 0; v < vectors; v++) code.load(weights, v * VECTOR).set(this.sums[p * vectors + v]!);
    code.move(at, from, 0).move(factors, weights, headVectors(this.shape) * vectors * VECTOR);
    code.repeat(rounds, [[factors, taps.length * vectors * VECTOR], [at, step]], () => {
      taps.forEach((offset, k) => {
        const factor = (v: number): Code => code.load(factors, (k * vectors + v) * VECTOR);
        if (pixels > 1) for (let v = 0; v < vectors; v++) factor(v).set(this.factors[v]!);
        for (let p = 0; p < pixels; p++) {
          code.splat(at, offset + p * pixel).set(this.spare);
          for (let v = 0; v < vectors; v++) {
            code.accumulate(this.sums[p * vectors + v]!, () => code.get(this.spare), () => pixels > 1 ? code.get(this.factors[v]!) : factor(v));
          }
        }
      });
    });
  }

  /** What follows the sums: residual, activation, into memory. */
  private finish(to: Local, plus: Local, weights: Local, pixels: number, vectors: number, added: number): void {
    const { code, shape: { residual, activation, target } } = this;
    const low = this.spare;
    for (let p = 0; p < pixels; p++) {
      for (let v = 0; v < vectors; v++) {
        const sum = this.sums[p * vectors + v]!;
        if (residual && v < added) {
          const { strides, pooled } = residual;
          const near = p * strides.pixel * (pooled ? 2 : 1) + v * VECTOR;
          code.get(sum).load(plus, near);
          if (pooled) for (const far of [strides.pixel, strides.row, strides.row + strides.pixel]) code.load(plus, near + far).pmax();
          code.add().set(sum);
        }
        if (activation === "relu") code.get(sum).zero().pmax().set(sum);
        if (activation === "prelu") {
          code.get(sum).zero().pmin().set(low);
          code.get(sum).zero().pmax().set(sum);
          code.accumulate(sum, () => code.get(low), () => code.load(weights, (vectors + v) * VECTOR));
        }
        code.store(to, p * target.pixel + v * VECTOR, sum);
      }
    }
  }
}

/** Vectors before a tile's factors, for each of its vectors: the bias, and the slopes of a PRelu. */
function headVectors({ activation }: ConvShape): number {
  return activation === "prelu" ? 2 : 1;
}

/** Floats of one tile's weights. */
export function panelSize(vectors: number, shape: ConvShape): number {
  return 4 * vectors * (headVectors(shape) + shape.taps.length * shape.rounds);
}

/** The numbers of a convolution: functions of channels, and of what of the source. Beyond the channels they are asked for 0. */
export interface ConvWeights {
  depthwise: ((channel: number, tap: number) => number) | null;
  depthwiseBias: (channel: number) => number;
  /** tap counts over all rounds. */
  factor: (channel: number, tap: number) => number;
  bias: (channel: number) => number;
  slope: (channel: number) => number;
}

/** Floats that packWeights writes. */
export function weightsSize(shape: ConvShape): number {
  return (shape.depthwise === 0 ? 0 : 40 * shape.from) + 4 * shape.to * (headVectors(shape) + shape.taps.length * shape.rounds);
}

/** In the order in which the kernel reads them. */
export function packWeights(shape: ConvShape, weights: ConvWeights, to: Float32Array): void {
  let at = 0;
  const put = (value: number): void => {
    to[at++] = value;
  };
  if (shape.depthwise !== 0) {
    for (let v = 0; v < shape.from; v++) {
      for (let i = 0; i < 9; i++) for (let c = 0; c < 4; c++) put(weights.depthwise?.(4 * v + c, i) ?? 0);
      for (let c = 0; c < 4; c++) put(weights.depthwiseBias(4 * v + c));
    }
  }
  const tile = tileOf(shape);
  for (let v = 0; v < shape.to; v += tile.vectors) {
    const channels = 4 * Math.min(tile.vectors, shape.to - v);
    for (let c = 0; c < channels; c++) put(weights.bias(4 * v + c));
    if (shape.activation === "prelu") for (let c = 0; c < channels; c++) put(weights.slope(4 * v + c));
    for (let k = 0; k < shape.taps.length * shape.rounds; k++) for (let c = 0; c < channels; c++) put(weights.factor(4 * v + c, k));
  }
}
