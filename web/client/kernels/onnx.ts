/**
 * Reads the part of ONNX that the tracker's networks use: a graph of nodes with fixed shapes and raw weights. Whatever
 * bytes it is given, it either returns a graph or throws an Error; it keeps no more than a small multiple of them.
 */

export interface Tensor {
  readonly shape: readonly number[];
  /** Numbers of every kind, as floats. Whole ones are exact: they are sizes and indices. */
  readonly data: Float32Array;
}

export interface Node {
  readonly op: string;
  /** Names of values; empty where an operand is left out. */
  readonly inputs: readonly string[];
  readonly output: string;
  readonly numbers: ReadonlyMap<string, number>;
  readonly lists: ReadonlyMap<string, readonly number[]>;
  readonly texts: ReadonlyMap<string, string>;
}

export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Graph {
  /** In an order in which each can be computed from those before it. */
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly input: Value;
  readonly outputs: readonly Value[];
}

const MAX_NODES = 4096;
const MAX_AXES = 6;
/** Elements of one tensor: beyond it, it is not one of the tracker's. */
export const MAX_ELEMENTS = 1 << 24;

const FLOAT32 = 1;
const INT64 = 7;
const FLOAT16 = 10;

/** Throws an Error where the bytes are not a graph of this kind. */
export function readGraph(bytes: Uint8Array): Graph {
  const bodies: Reader[] = [];
  new Reader(bytes).each((field, value) => {
    if (field === 7) bodies.push(value.message());
  });
  const [body] = bodies;
  if (!body) throw malformed("no graph");
  const nodes: Node[] = [];
  const constants = new Map<string, Tensor>();
  const inputs: Value[] = [];
  const outputs: Value[] = [];
  body.each((field, value) => {
    if (field === 1) nodes.push(readNode(value.message()));
    else if (field === 5) {
      const [name, tensor] = readTensor(value.message());
      constants.set(name, tensor);
    } else if (field === 11) inputs.push(readValue(value.message()));
    else if (field === 12) outputs.push(readValue(value.message()));
    if (nodes.length > MAX_NODES) throw malformed("too many nodes");
  });
  const [input] = inputs;
  if (!input || inputs.length > 1 || outputs.length === 0) throw malformed("not one input and some outputs");
  return { nodes, constants, input, outputs };
}

function readNode(from: Reader): Node {
  const inputs: string[] = [], outputs: string[] = [];
  let op = "";
  const numbers = new Map<string, number>();
  const lists = new Map<string, number[]>();
  const texts = new Map<string, string>();
  from.each((field, value) => {
    if (field === 1) inputs.push(value.text());
    else if (field === 2) outputs.push(value.text());
    else if (field === 4) op = value.text();
    else if (field === 5) readAttribute(value.message(), numbers, lists, texts);
  });
  const [output] = outputs;
  if (output === undefined || outputs.length > 1) throw malformed(`${op} has not one output`);
  return { op, inputs, output, numbers, lists, texts };
}

function readAttribute(from: Reader, numbers: Map<string, number>, lists: Map<string, number[]>, texts: Map<string, string>): void {
  let name = "";
  const list: number[] = [];
  const put: (() => void)[] = [];
  from.each((field, value) => {
    if (field === 1) name = value.text();
    else if (field === 2) put.push(() => numbers.set(name, value.float()));
    else if (field === 3) put.push(() => numbers.set(name, value.integer()));
    else if (field === 4) put.push(() => texts.set(name, value.text()));
    else if (field === 8) value.integers(list);
  });
  if (put.length === 0) lists.set(name, list);
  // The name may stand behind the value.
  for (const one of put) one();
}

function readTensor(from: Reader): [string, Tensor] {
  const shape: number[] = [];
  let name = "";
  let type = 0;
  let raw = new Uint8Array(0);
  from.each((field, value) => {
    if (field === 1) value.integers(shape);
    else if (field === 2) type = value.integer();
    else if (field === 8) name = value.text();
    else if (field === 9) raw = value.bytes();
  });
  return [name, { shape, data: numbersOf(raw, type, elements(shape)) }];
}

function numbersOf(raw: Uint8Array, type: number, count: number): Float32Array {
  const size = type === FLOAT32 ? 4 : type === FLOAT16 ? 2 : type === INT64 ? 8 : 0;
  if (size === 0 || raw.length !== count * size) throw malformed(`${raw.length} bytes for ${count} numbers of type ${type}`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const data = new Float32Array(count);
  if (type === FLOAT16) widen(view, new Uint32Array(data.buffer));
  else for (let i = 0; i < count; i++) data[i] = type === FLOAT32 ? view.getFloat32(4 * i, true) : Number(view.getBigInt64(8 * i, true));
  return data;
}

/** Numbers of 16 bits as those of 32, by their bits: there are a million, and the page waits. */
function widen(halves: DataView, to: Uint32Array): void {
  const small = new Float32Array(1);
  const smallBits = new Uint32Array(small.buffer);
  for (let i = 0; i < to.length; i++) {
    const bits = halves.getUint16(2 * i, true);
    const exponent = bits & 0x7c00;
    let magnitude = ((bits & 0x7fff) << 13) + (112 << 23);
    if (exponent === 0x7c00) magnitude += 112 << 23;
    if (exponent === 0) {
      small[0] = (bits & 1023) * 2 ** -24;
      magnitude = smallBits[0]!;
    }
    to[i] = ((bits & 0x8000) << 16) | magnitude;
  }
}

function readValue(from: Reader): Value {
  let name = "";
  const shape: number[] = [];
  const within = (reader: Reader, wanted: number, then: (field: Field) => void): void => {
    reader.each((field, value) => {
      if (field === wanted) then(value);
    });
  };
  from.each((field, value) => {
    if (field === 1) name = value.text();
    if (field === 2) {
      within(value.message(), 1, (tensor) => within(tensor.message(), 2, (dims) => within(dims.message(), 1, (dim) => {
        within(dim.message(), 1, (size) => shape.push(size.integer()));
      })));
    }
  });
  elements(shape);
  return { name, shape };
}

/** How many numbers a tensor of this shape has; throws where that is not a sensible shape. */
export function elements(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) throw malformed(`a side of ${size}`);
    count *= size;
  }
  if (shape.length > MAX_AXES || count > MAX_ELEMENTS) throw malformed(`a tensor of ${shape.join("x")}`);
  return count;
}

function malformed(why: string): Error {
  return new Error(`This is not one of the tracker's networks: ${why}.`);
}

/** Protocol buffers: fields with their values, one after the other. */
class Reader {
  private at = 0;

  constructor(private readonly data: Uint8Array) {}

  each(take: (field: number, value: Field) => void): void {
    while (this.at < this.data.length) {
      const key = this.varint();
      const kind = key & 7;
      const number = kind === 0 ? this.varint() : 0;
      const length = kind === 1 ? 8 : kind === 5 ? 4 : kind === 2 ? this.varint() : 0;
      if (kind === 3 || kind === 4 || kind > 5 || length > this.data.length - this.at) throw malformed("a broken field");
      take(Math.floor(key / 8), new Field(kind, number, this.data.subarray(this.at, this.at += length)));
    }
  }

  more(): boolean {
    return this.at < this.data.length;
  }

  /** As a signed number, exact up to 53 bits. */
  varint(): number {
    let low = 0, high = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.data[this.at++];
      if (byte === undefined) throw malformed("an end within a number");
      const part = byte & 127;
      if (i < 4) low += part * 2 ** (7 * i);
      else if (i < 9) high += part * 2 ** (7 * (i - 4));
      else high += (part & 1) * 2 ** 35;
      if (byte < 128) return high >= 2 ** 35 ? -(2 ** 36 - high) * 2 ** 28 + low : high * 2 ** 28 + low;
    }
    throw malformed("a number without end");
  }
}

class Field {
  constructor(private readonly kind: number, private readonly number: number, private readonly data: Uint8Array) {}

  message(): Reader {
    return new Reader(this.bytes());
  }

  bytes(): Uint8Array<ArrayBuffer> {
    if (this.kind !== 2) throw malformed("a number for bytes");
    return this.data as Uint8Array<ArrayBuffer>;
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  integer(): number {
    if (this.kind !== 0) throw malformed("bytes for a number");
    return this.number;
  }

  float(): number {
    if (this.kind !== 5) throw malformed("not a float");
    return new DataView(this.data.buffer, this.data.byteOffset).getFloat32(0, true);
  }

  /** Adds the numbers of a list, packed or one of many. */
  integers(to: number[]): void {
    if (this.kind === 0) to.push(this.number);
    else for (const reader = this.message(); reader.more();) to.push(reader.varint());
  }
}
