/** The kernels that fetch: the network's input into a picture with borders, and samples of a picture into another. */
import { Code, type Local } from "./assembler";
import { VECTOR, type Strides } from "./emit";

/** Planes of floats, one after the other; in the target each row of one is followed by that of the next. */
export interface PlanesShape {
  readonly planes: number;
  /** Floats; a multiple of four. */
  readonly width: number;
  readonly height: number;
  /** Bytes of a row and of a plane of the target. */
  readonly row: number;
  readonly plane: number;
}

/** A function of source, factor and summand, target: target = source * factor + summand. */
export function emitPlanes({ planes, width, height, row, plane }: PlanesShape, relaxed: boolean): Code {
  const code = new Code(4, relaxed);
  const [source, numbers, target] = code.params as [Local, Local, Local];
  const line = code.address(), to = code.address();
  const factor = code.vector(), sum = code.vector();
  code.splat(numbers, 0).set(factor);
  code.repeat(planes, [[target, plane]], () => {
    code.move(line, target, 0);
    code.repeat(height, [[line, row]], () => {
      code.move(to, line, 0);
      code.repeat(width / 4, [[to, VECTOR], [source, VECTOR]], () => {
        code.splat(numbers, 4).set(sum);
        code.accumulate(sum, () => code.load(source, 0), () => code.get(factor));
        code.store(to, 0, sum);
      });
    });
  });
  return code;
}

export interface SamplesShape {
  readonly vectors: number;
  readonly width: number;
  readonly height: number;
  readonly target: Strides;
}

/** Words of one sample in the table: the offsets in bytes of four pixels of the source, then their weights. */
export const SAMPLE_WORDS = 8;

/** A function of source, table, target: each pixel is the weighted sum of four of the source. */
export function emitSamples({ vectors, width, height, target: { pixel, row } }: SamplesShape, relaxed: boolean): Code {
  const code = new Code(4, relaxed);
  const [source, table, target] = code.params as [Local, Local, Local];
  const to = code.address();
  const corners = [0, 1, 2, 3].map((i) => ({ i, at: code.address(), weight: code.vector() }));
  const sum = code.vector();
  code.repeat(height, [[target, row]], () => {
    code.move(to, target, 0);
    code.repeat(width, [[to, pixel], [table, 4 * SAMPLE_WORDS]], () => {
      for (const { i, at, weight } of corners) {
        code.word(table, 4 * i).get(source).plus().set(at);
        code.splat(table, 4 * (i + 4)).set(weight);
      }
      for (let v = 0; v < vectors; v++) {
        code.zero().set(sum);
        for (const { at, weight } of corners) code.accumulate(sum, () => code.load(at, v * VECTOR), () => code.get(weight));
        code.store(to, v * VECTOR, sum);
      }
    });
  });
  return code;
}
