/**
 * From a graph to what is done one after the other: pictures are named and have their sizes here, and a place in memory
 * later. A convolution takes with it what follows it, down to its activation.
 */
import { algebra, type Flat, newFlat, type Step, unknown } from "./algebra";
import { elements, type Graph, type Node, type Tensor } from "./onnx";

/** A picture: channels, height, width. */
export interface Picture {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Pixels of zeros on each side. */
  border: number;
}

export interface Residual {
  readonly picture: Picture;
  readonly pooled: boolean;
}

export interface Conv {
  readonly kind: "conv";
  /** Null: the network's input, as planes. */
  readonly source: Picture | null;
  readonly target: Picture;
  readonly kernel: number;
  readonly stride: number;
  /** Above and left; only where the source is the input. */
  readonly pad: number;
  readonly depthwise: { readonly weights: Tensor; readonly bias: Tensor; readonly stride: 1 | 2; readonly pad: number } | null;
  readonly weights: Tensor;
  readonly bias: Tensor;
  residual: Residual | null;
  activation: "none" | "relu" | "prelu";
  slopes: Tensor | null;
}

export type Action =
  | Conv
  | { readonly kind: "sample"; readonly source: Picture; readonly grid: Flat; readonly target: Picture }
  /** The picture's numbers in the order of its channels, rows, columns. */
  | { readonly kind: "read"; readonly source: Picture; readonly target: Flat }
  | { readonly kind: "step"; readonly step: Step };

export interface Program {
  readonly input: { readonly channels: number; readonly side: number; readonly factor: number; readonly summand: number };
  readonly actions: readonly Action[];
  readonly outputs: ReadonlyMap<string, Float32Array>;
}

/** What a name of the graph stands for. */
type Value =
  | { kind: "input"; factor: number; summand: number }
  | { kind: "picture"; picture: Picture }
  /** Not done yet: more may be taken with it. */
  | { kind: "pending"; conv: Conv }
  | { kind: "depthwise"; source: Picture; weights: Tensor; bias: Tensor; stride: 1 | 2; pad: number; width: number; height: number }
  | { kind: "residual"; residual: Residual; channels: number }
  | { kind: "flat"; flat: Flat };

/** Throws an Error where the graph has what no kernel does. */
export function lower(graph: Graph): Program {
  return new Lowering(graph).program;
}

class Lowering {
  readonly program: Program;
  private readonly values = new Map<string, Value>();
  private readonly actions: Action[] = [];
  /** Who uses a name, as often as it does. */
  private readonly users = new Map<string, Node[]>();
  private readonly read = new Map<Picture, Flat>();
  private readonly input = { factor: 1, summand: 0 };
  private readonly channels: number;
  private readonly side: number;

  constructor(graph: Graph) {
    const [one, channels = 0, height = 0, width] = graph.input.shape;
    if (one !== 1 || width !== height || channels < 1 || channels > 4 || height < 4 || height % 4 !== 0 || height > 1024) {
      throw new Error("The network's input is not one square picture.");
    }
    this.channels = channels;
    this.side = height;
    for (const node of graph.nodes) for (const name of node.inputs) this.users.set(name, [...this.users.get(name) ?? [], node]);
    this.values.set(graph.input.name, { kind: "input", factor: 1, summand: 0 });
    for (const [name, { shape, data }] of graph.constants) this.values.set(name, { kind: "flat", flat: { shape, data, constant: true } });
    for (const node of graph.nodes) this.values.set(node.output, this.settle(node, this.take(node)));
    const outputs = new Map(graph.outputs.map(({ name }) => [name, this.flat(name).data]));
    this.program = { input: { channels: this.channels, side: this.side, ...this.input }, actions: this.actions, outputs };
  }

  private take(node: Node): Value {
    switch (node.op) {
      case "Cast": return this.value(node, 0);
      case "Conv": return this.conv(node);
      case "Relu": return this.activate(node, "relu", null);
      case "PRelu": return this.activate(node, "prelu", this.tensor(node, 1));
      case "MaxPool": return this.pool(node);
      case "Pad": return this.widen(node);
      case "GridSample": return this.sample(node);
      default: break;
    }
    const first = this.value(node, 0);
    if (first.kind === "input") return this.scale(node, first);
    if (node.op === "Add" && this.isPicture(node, 0) && this.isPicture(node, 1)) return this.add(node);
    const step = algebra(node, node.inputs.map((name) => this.flat(name)));
    this.actions.push({ kind: "step", step });
    return { kind: "flat", flat: step.output };
  }

  /** Does a convolution that nothing more can be taken with. */
  private settle(node: Node, value: Value): Value {
    if (value.kind !== "pending") return value;
    const [next, another] = this.users.get(node.output) ?? [];
    const { activation, residual } = value.conv;
    if (next && !another && activation === "none" && (next.op === "Relu" || next.op === "PRelu" || (next.op === "Add" && !residual))) return value;
    this.actions.push(value.conv);
    return { kind: "picture", picture: value.conv.target };
  }

  private scale(node: Node, { factor, summand }: { factor: number; summand: number }): Value {
    const { data } = this.tensor(node, 1);
    const [by] = data;
    if (by === undefined || data.length !== 1) throw unknown(node);
    if (node.op === "Mul") return { kind: "input", factor: factor * by, summand: summand * by };
    if (node.op === "Sub") return { kind: "input", factor, summand: summand - by };
    if (node.op === "Add") return { kind: "input", factor, summand: summand + by };
    throw unknown(node);
  }

  private conv(node: Node): Value {
    const weights = this.tensor(node, 1), bias = this.tensor(node, 2);
    const [to = 0, from = 0, kernel = 0, across] = weights.shape;
    const strides = node.lists.get("strides") ?? [], pads = node.lists.get("pads") ?? [];
    const group = node.numbers.get("group") ?? 1;
    const [stride = 0] = strides, [pad = 0, left, bottom = 0, right] = pads;
    const plain = kernel === across && strides[1] === stride && left === pad && right === bottom && bias.data.length === to &&
      (node.lists.get("dilations") ?? []).every((d) => d === 1) && kernel >= 1 && stride >= 1;
    if (!plain) throw unknown(node);
    const value = this.value(node, 0);
    const size = (side: number): number => Math.floor((side + pad + bottom - kernel) / stride) + 1;
    const make = (source: Picture | null, height: number, width: number, depthwise: Conv["depthwise"] = null): Value => ({
      kind: "pending",
      conv: {
        kind: "conv", source, target: newPicture(node, to, height, width), kernel, stride, pad, depthwise, weights, bias,
        residual: null, activation: "none", slopes: null,
      },
    });
    if (value.kind === "input" && group === 1 && from === this.channels) {
      Object.assign(this.input, { factor: value.factor, summand: value.summand });
      return make(null, size(this.side), size(this.side));
    }
    if (value.kind === "depthwise") {
      if (group !== 1 || kernel !== 1 || stride !== 1 || pad + bottom !== 0 || from !== value.source.channels) throw unknown(node);
      return make(value.source, value.height, value.width, value);
    }
    if (value.kind !== "picture") throw unknown(node);
    const { picture } = value;
    const { channels, height, width } = picture;
    if (group !== 1) {
      const covered = stride === 1 ? pad === 1 && bottom === 1 : stride === 2 && pad + bottom === 1;
      if (group !== channels || to !== channels || from !== 1 || kernel !== 3 || !covered || this.users.get(node.output)?.length !== 1) throw unknown(node);
      picture.border = 1;
      return { kind: "depthwise", source: picture, weights, bias, stride: stride === 1 ? 1 : 2, pad, height: size(height), width: size(width) };
    }
    const one = kernel === 1 && stride === 1, all = kernel === width && kernel === height && channels % 4 === 0;
    if (from !== channels || pad + bottom !== 0 || !(one || all)) throw unknown(node);
    return make(picture, size(height), size(width));
  }

  private activate(node: Node, activation: "relu" | "prelu", slopes: Tensor | null): Value {
    const value = this.value(node, 0);
    if (value.kind !== "pending" || (slopes && slopes.data.length !== value.conv.target.channels)) throw unknown(node);
    return { kind: "pending", conv: Object.assign(value.conv, { activation, slopes }) };
  }

  private add(node: Node): Value {
    const values = [this.value(node, 0), this.value(node, 1)];
    const pending = values.find((value) => value.kind === "pending");
    const other = values.find((value) => value !== pending);
    if (!pending || !other || pending.conv.residual) throw unknown(node);
    const { target } = pending.conv;
    const residual = other.kind === "residual" ? other.residual : other.kind === "picture" ? { picture: other.picture, pooled: false } : null;
    const channels = other.kind === "residual" ? other.channels : residual?.picture.channels;
    const shrink = residual?.pooled ? 2 : 1;
    if (!residual || channels !== target.channels || Math.floor(residual.picture.height / shrink) !== target.height ||
      Math.floor(residual.picture.width / shrink) !== target.width) throw unknown(node);
    return { kind: "pending", conv: Object.assign(pending.conv, { residual }) };
  }

  private pool(node: Node): Value {
    const value = this.value(node, 0);
    const two = (name: string): boolean => (node.lists.get(name) ?? []).join() === "2,2";
    if (value.kind !== "picture" || !two("kernel_shape") || !two("strides") || (node.lists.get("pads") ?? []).some((pad) => pad !== 0)) throw unknown(node);
    return { kind: "residual", residual: { picture: value.picture, pooled: true }, channels: value.picture.channels };
  }

  /** More channels, of zeros, behind those that are there. */
  private widen(node: Node): Value {
    const value = this.value(node, 0);
    const { data } = this.tensor(node, 1);
    const more = data[5] ?? 0;
    if (data.length !== 8 || data.some((pad, i) => i !== 5 && pad !== 0) || !(more >= 0) || node.texts.get("mode") !== "constant" || node.inputs.length > 2) throw unknown(node);
    if (value.kind === "residual") return { ...value, channels: value.channels + more };
    if (value.kind !== "picture") throw unknown(node);
    const { picture } = value;
    return { kind: "residual", residual: { picture, pooled: false }, channels: picture.channels + more };
  }

  private sample(node: Node): Value {
    const value = this.value(node, 0);
    const grid = this.flat(node.inputs[1] ?? "");
    const [one, height = 0, width = 0, two] = grid.shape;
    const usual = node.texts.get("mode") === "bilinear" && node.texts.get("padding_mode") === "zeros" && node.numbers.get("align_corners") === 0;
    if (value.kind !== "picture" || one !== 1 || two !== 2 || grid.shape.length !== 4 || !usual) throw unknown(node);
    const target = newPicture(node, value.picture.channels, height, width);
    this.actions.push({ kind: "sample", source: value.picture, grid, target });
    return { kind: "picture", picture: target };
  }

  private value(node: Node, i: number): Value {
    const value = this.values.get(node.inputs[i] ?? "");
    if (!value) throw unknown(node);
    return value;
  }

  private isPicture(node: Node, i: number): boolean {
    const { kind } = this.value(node, i);
    return kind === "picture" || kind === "pending" || kind === "residual";
  }

  private tensor(node: Node, i: number): Tensor {
    const value = this.value(node, i);
    if (value.kind !== "flat" || !value.flat.constant) throw unknown(node);
    return value.flat;
  }

  /** The numbers behind a name: of a picture in the order of channels, rows, columns. */
  private flat(name: string): Flat {
    const value = this.values.get(name);
    if (value?.kind === "flat") return value.flat;
    if (value?.kind !== "picture") throw new Error(`The network's ${name} cannot be read as numbers.`);
    const known = this.read.get(value.picture);
    if (known) return known;
    const { channels, height, width } = value.picture;
    const target = newFlat([1, channels, height, width]);
    this.read.set(value.picture, target);
    this.actions.push({ kind: "read", source: value.picture, target });
    return target;
  }
}

function newPicture(node: Node, channels: number, height: number, width: number): Picture {
  if (!(channels >= 1 && height >= 1 && width >= 1)) throw unknown(node);
  elements([channels, height, width]);
  return { channels, height, width, border: 0 };
}
