/** Writes WebAssembly in its binary form: as much of it as loops over vectors of four floats need. */

const I32 = 0x7f;
const V128 = 0x7b;

const enum Op {
  Loop = 0x03, End = 0x0b, BranchIf = 0x0d, Get = 0x20, Set = 0x21, Tee = 0x22, Load = 0x28, Const = 0x41,
  NotEqual = 0x47, Add = 0x6a, Vector = 0xfd,
}

const enum Vector {
  Load = 0x00, Load32Splat = 0x09, Store = 0x0b, Const = 0x0c, Add = 0xe4, Mul = 0xe6, Pmin = 0xea, Pmax = 0xeb,
  RelaxedMadd = 0x105,
}

/** A local variable of a function under construction. */
export type Local = number & { readonly local: unique symbol };

/** One function: i32 parameters, no result. What is pushed is on WebAssembly's stack. */
export class Code {
  readonly params: Local[];
  private readonly bytes: number[] = [];
  private readonly kinds: number[] = [];

  constructor(params: number, private readonly relaxed: boolean) {
    this.params = Array.from({ length: params }, (_, i) => i as Local);
  }

  address(): Local {
    return this.local(I32);
  }

  vector(): Local {
    return this.local(V128);
  }

  get(from: Local): this {
    return this.op(Op.Get).u32(from);
  }

  set(to: Local): this {
    return this.op(Op.Set).u32(to);
  }

  constant(value: number): this {
    return this.op(Op.Const).s32(value);
  }

  /** to = from + by. */
  move(to: Local, from: Local, by: number): this {
    this.get(from);
    if (by !== 0) this.constant(by).plus();
    return this.set(to);
  }

  /** Pushes the whole number in memory. */
  word(at: Local, offset: number): this {
    return this.get(at).op(Op.Load).u32(2).u32(offset);
  }

  /** The sum of two whole numbers. */
  plus(): this {
    return this.op(Op.Add);
  }

  /** Pushes four floats. */
  load(at: Local, offset: number): this {
    return this.get(at).simd(Vector.Load).u32(2).u32(offset);
  }

  /** Pushes one float, four times. */
  splat(at: Local, offset: number): this {
    return this.get(at).simd(Vector.Load32Splat).u32(2).u32(offset);
  }

  store(at: Local, offset: number, value: Local): this {
    return this.get(at).get(value).simd(Vector.Store).u32(2).u32(offset);
  }

  zero(): this {
    this.simd(Vector.Const);
    for (let i = 0; i < 16; i++) this.bytes.push(0);
    return this;
  }

  add(): this {
    return this.simd(Vector.Add);
  }

  mul(): this {
    return this.simd(Vector.Mul);
  }

  /** NaN in the first operand stays, which min and max cost more instructions for. */
  pmin(): this {
    return this.simd(Vector.Pmin);
  }

  pmax(): this {
    return this.simd(Vector.Pmax);
  }

  /** sum += a * b, in one instruction where that is to be had; then its product is not rounded. */
  accumulate(sum: Local, a: () => unknown, b: () => unknown): this {
    if (!this.relaxed) this.get(sum);
    a();
    b();
    if (this.relaxed) this.get(sum).simd(Vector.RelaxedMadd);
    else this.mul().add();
    return this.set(sum);
  }

  /** Runs body while at, which it moves on, is not end; at least once. */
  until(at: Local, end: Local, body: () => void): this {
    this.op(Op.Loop).op(0x40);
    body();
    return this.get(at).get(end).op(Op.NotEqual).op(Op.BranchIf).u32(0).op(Op.End);
  }

  /** Runs body count times, moving the addresses on by their steps after each. The first address counts: its step is not 0. */
  repeat(count: number, steps: readonly (readonly [Local, number])[], body: () => void): this {
    const [first] = steps;
    if (!first || first[1] === 0 || count < 1) throw new Error("a loop that does not end");
    const advance = (): void => {
      for (const [at, step] of steps) if (step !== 0) this.move(at, at, step);
    };
    if (count === 1) {
      body();
      advance();
      return this;
    }
    const end = this.address();
    this.move(end, first[0], count * first[1]);
    return this.until(first[0], end, () => {
      body();
      advance();
    });
  }

  /** The body as a module wants it, with its length. */
  finish(): number[] {
    const locals: number[] = unsigned(this.kinds.length);
    for (const kind of this.kinds) locals.push(1, kind);
    return sized([...locals, ...this.bytes, Op.End]);
  }

  private local(kind: number): Local {
    this.kinds.push(kind);
    return (this.params.length + this.kinds.length - 1) as Local;
  }

  private op(code: number): this {
    this.bytes.push(code);
    return this;
  }

  private simd(code: number): this {
    return this.op(Op.Vector).u32(code);
  }

  private u32(value: number): this {
    this.bytes.push(...unsigned(value));
    return this;
  }

  private s32(value: number): this {
    for (;;) {
      const part = value & 127;
      value >>= 7;
      const done = (value === 0 && (part & 64) === 0) || (value === -1 && (part & 64) !== 0);
      this.bytes.push(done ? part : part | 128);
      if (done) return this;
    }
  }
}

/**
 * A module that imports its memory of so many pages as "m"."m" and exports its functions as "0", "1" and so on. All of them
 * take the same number of parameters.
 */
export function assemble(functions: readonly Code[], pages: number): Uint8Array<ArrayBuffer> {
  const params = functions[0]?.params.length ?? 0;
  const name = (text: string): number[] => sized(Array.from(text, (letter) => letter.charCodeAt(0)));
  const section = (id: number, content: number[]): number[] => [id, ...sized(content)];
  const list = (items: number[][]): number[] => [...unsigned(items.length), ...items.flat()];
  const count = functions.map((_, i) => i);
  return new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, list([[0x60, ...unsigned(params), ...Array<number>(params).fill(I32), 0]])),
    ...section(2, list([[...name("m"), ...name("m"), 2, 1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(3, list(count.map(() => [0]))),
    ...section(7, list(count.map((i) => [...name(String(i)), 0, ...unsigned(i)]))),
    ...section(10, list(functions.map((code) => code.finish()))),
  ]);
}

/** Whether this machine's WebAssembly has vectors, and whether those that may round as the machine likes. */
export function abilities(): { vectors: boolean; relaxed: boolean } {
  const can = (relaxed: boolean): boolean => {
    const probe = new Code(0, relaxed);
    const sum = probe.vector();
    probe.accumulate(sum, () => probe.get(sum), () => probe.get(sum));
    return WebAssembly.validate(assemble([probe], 1));
  };
  return { vectors: can(false), relaxed: can(true) };
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push(value > 127 ? (value & 127) | 128 : value);
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

function sized(content: number[]): number[] {
  return [...unsigned(content.length), ...content];
}
