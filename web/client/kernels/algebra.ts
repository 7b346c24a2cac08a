/**
 * What a network computes on lists of numbers once the pictures are through: each operator becomes a function that reads
 * its operands' room and fills its own, and allocates nothing.
 */
import { elements, type Node } from "./onnx";

/** Numbers in the order of a shape, in room of their own. */
export interface Flat {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Known when the network is loaded: sizes and indices must be. */
  readonly constant: boolean;
}

export interface Step {
  readonly output: Flat;
  run(): void;
}

export function newFlat(shape: readonly number[]): Flat {
  return { shape, data: new Float32Array(elements(shape)), constant: false };
}

const UNARY: Record<string, (x: number) => number> = {
  Neg: (x) => -x,
  Sqrt: Math.sqrt,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

const BINARY: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
};

const REDUCED: Record<string, { first: number; next: (sum: number, x: number) => number }> = {
  ReduceSum: { first: 0, next: (sum, x) => sum + x },
  ReduceMean: { first: 0, next: (sum, x) => sum + x },
  ReduceMax: { first: -Infinity, next: Math.max },
  ReduceMin: { first: Infinity, next: Math.min },
};

/** Throws an Error for an operator, or a use of one, that is not known. */
export function algebra(node: Node, inputs: readonly Flat[]): Step {
  const [a, b] = inputs;
  if (!a) throw unknown(node);
  const unary = UNARY[node.op], binary = BINARY[node.op], reduced = REDUCED[node.op];
  if (unary) return each(a, unary);
  if (binary && b) return pairs(a, b, binary);
  if (reduced) return reduce(node, a, b, reduced);
  switch (node.op) {
    case "Identity": return { output: a, run: () => undefined };
    case "Reshape": return reshape(node, a, constants(node, b));
    case "Transpose": return transpose(node, a);
    case "Slice": return slice(node, inputs);
    case "Gather": return gather(node, a, constants(node, b));
    case "Expand": return expand(node, a, constants(node, b));
    case "Concat": return concat(node, inputs);
    case "MatMul": return multiply(node, a, b);
    default: throw unknown(node);
  }
}

export function unknown({ op, output }: Node): Error {
  return new Error(`This network's ${op} (${output}) is not one of those that are known.`);
}

function constants(node: Node, of: Flat | undefined): number[] {
  if (!of?.constant) throw unknown(node);
  return [...of.data];
}

function each(a: Flat, f: (x: number) => number): Step {
  const output = newFlat(a.shape);
  return { output, run: () => a.data.forEach((x, i) => (output.data[i] = f(x))) };
}

function pairs(a: Flat, b: Flat, f: (a: number, b: number) => number): Step {
  const axes = Math.max(a.shape.length, b.shape.length);
  const side = (of: Flat, axis: number): number => of.shape[axis - axes + of.shape.length] ?? 1;
  const output = newFlat(Array.from({ length: axes }, (_, axis) => Math.max(side(a, axis), side(b, axis))));
  const left = stretched(a.shape, output.shape), right = stretched(b.shape, output.shape);
  const { data } = output;
  return {
    output,
    run: () => {
      for (let i = 0; i < data.length; i++) data[i] = f(a.data[left[i]!]!, b.data[right[i]!]!);
    },
  };
}

/** output[i] = a[from[i]]. */
function picked(a: Flat, shape: readonly number[], from: Int32Array): Step {
  const output = newFlat(shape);
  if (from.some((i) => i < 0 || i >= a.data.length)) throw new Error("an index beyond its tensor");
  return {
    output,
    run: () => {
      for (let i = 0; i < from.length; i++) output.data[i] = a.data[from[i]!]!;
    },
  };
}

/** For each element of shape, where(position); position is reused. */
function indices(shape: readonly number[], where: (position: readonly number[]) => number): Int32Array {
  const position = shape.map(() => 0);
  const out = new Int32Array(elements(shape));
  for (let i = 0; i < out.length; i++) {
    out[i] = where(position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = position[axis]! + 1;
      position[axis] = next === shape[axis] ? 0 : next;
      if (next !== shape[axis]) break;
    }
  }
  return out;
}

/** Where each element of a shape lies in a tensor, an axis of 1 being repeated. */
function stretched(from: readonly number[], to: readonly number[]): Int32Array {
  const skipped = to.length - from.length;
  if (skipped < 0 || from.some((size, i) => size !== 1 && size !== to[i + skipped])) throw new Error("shapes that do not go together");
  return indices(to, (position) => from.reduce((at, size, i) => at * size + (size === 1 ? 0 : position[i + skipped]!), 0));
}

function axisOf(node: Node, axis: number, axes: number): number {
  const at = axis < 0 ? axis + axes : axis;
  if (!(at >= 0 && at < axes)) throw unknown(node);
  return at;
}

function reshape(node: Node, a: Flat, wanted: readonly number[]): Step {
  let rest = a.data.length;
  for (const size of wanted) if (size > 0) rest /= size;
  const shape = wanted.map((size, i) => size === 0 ? a.shape[i] ?? 0 : size < 0 ? rest : size);
  if (elements(shape) !== a.data.length) throw unknown(node);
  return { output: { ...a, shape }, run: () => undefined };
}

function transpose(node: Node, a: Flat): Step {
  const order = node.lists.get("perm") ?? [];
  if (order.length !== a.shape.length || new Set(order).size !== order.length || order.some((i) => a.shape[i] === undefined)) {
    throw unknown(node);
  }
  const back = a.shape.map((_, axis) => order.indexOf(axis));
  const shape = order.map((axis) => a.shape[axis]!);
  return picked(a, shape, indices(shape, (position) => a.shape.reduce((at, size, axis) => at * size + position[back[axis]!]!, 0)));
}

function slice(node: Node, [a, starts, ends, along, steps]: readonly Flat[]): Step {
  if (!a || (steps && constants(node, steps).some((step) => step !== 1))) throw unknown(node);
  const from = a.shape.map(() => 0);
  const to = [...a.shape];
  const first = constants(node, starts), last = constants(node, ends);
  constants(node, along).forEach((raw, i) => {
    const axis = axisOf(node, raw, a.shape.length);
    const size = a.shape[axis]!;
    const within = (at = 0): number => Math.min(size, Math.max(0, at < 0 ? at + size : at));
    from[axis] = within(first[i]);
    to[axis] = Math.max(within(last[i]), from[axis] ?? 0);
  });
  const shape = to.map((end, axis) => end - from[axis]!);
  return picked(a, shape, indices(shape, (position) => a.shape.reduce((at, size, axis) => at * size + position[axis]! + from[axis]!, 0)));
}

function gather(node: Node, a: Flat, which: readonly number[]): Step {
  const along = axisOf(node, node.numbers.get("axis") ?? 0, a.shape.length);
  const size = a.shape[along]!;
  if (which.some((i) => !(i >= -size && i < size))) throw unknown(node);
  const shape = a.shape.map((side, axis) => axis === along ? which.length : side);
  return picked(a, shape, indices(shape, (position) => a.shape.reduce((at, side, axis) => {
    const i = axis === along ? which[position[axis]!]! : position[axis]!;
    return at * side + (i < 0 ? i + size : i);
  }, 0)));
}

function expand(node: Node, a: Flat, wanted: readonly number[]): Step {
  if (wanted.length !== a.shape.length) throw unknown(node);
  const shape = wanted.map((size, i) => Math.max(size, a.shape[i]!));
  return picked(a, shape, stretched(a.shape, shape));
}

function concat(node: Node, inputs: readonly Flat[]): Step {
  const [a] = inputs;
  if (!a) throw unknown(node);
  const along = axisOf(node, node.numbers.get("axis") ?? 0, a.shape.length);
  const same = (other: Flat): boolean => other.shape.length === a.shape.length && a.shape.every((size, axis) => axis === along || other.shape[axis] === size);
  if (!inputs.every(same)) throw unknown(node);
  const total = inputs.reduce((sum, { shape }) => sum + shape[along]!, 0);
  const output = newFlat(a.shape.map((size, axis) => axis === along ? total : size));
  const inner = a.shape.slice(along + 1).reduce((product, size) => product * size, 1);
  let begin = 0;
  const parts = inputs.map(({ data, shape }) => {
    const run = shape[along]! * inner;
    const at = begin;
    begin += run;
    return { data, run, at };
  });
  return {
    output,
    run: () => {
      for (const { data, run, at } of parts) {
        for (let i = 0, to = at, within = 0; i < data.length; i++, to++) {
          if (within++ === run) {
            to += total * inner - run;
            within = 1;
          }
          output.data[to] = data[i]!;
        }
      }
    },
  };
}

function reduce(node: Node, a: Flat, axes: Flat | undefined, { first, next }: { first: number; next: (sum: number, x: number) => number }): Step {
  const along = (node.lists.get("axes") ?? constants(node, axes)).map((axis) => axisOf(node, axis, a.shape.length));
  if (node.numbers.get("keepdims") === 0) throw unknown(node);
  const output = newFlat(a.shape.map((size, axis) => along.includes(axis) ? 1 : size));
  const to = stretched(output.shape, a.shape);
  const share = node.op === "ReduceMean" ? output.data.length / a.data.length : 1;
  return {
    output,
    run: () => {
      const { data } = output;
      data.fill(first);
      for (let i = 0; i < to.length; i++) data[to[i]!] = next(data[to[i]!]!, a.data[i]!);
      if (share !== 1) for (let i = 0; i < data.length; i++) data[i]! *= share;
    },
  };
}

/** Rows times columns; what stands before the last two axes of a has to be 1, and b has two. */
function multiply(node: Node, a: Flat, b: Flat | undefined): Step {
  const inner = a.shape.at(-1) ?? 0;
  const columns = b?.shape[1] ?? 0;
  if (b?.shape.length !== 2 || b.shape[0] !== inner || a.shape.length < 2) throw unknown(node);
  const output = newFlat([...a.shape.slice(0, -1), columns]);
  return {
    output,
    run: () => {
      for (let i = 0, row = 0; i < output.data.length; row += inner) {
        for (let column = 0; column < columns; column++, i++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += a.data[row + k]! * b.data[k * columns + column]!;
          output.data[i] = sum;
        }
      }
    },
  };
}
