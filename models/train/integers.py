"""The files of gioconda-s in 8 bits, for ONNX Runtime on a CPU.

What a portrait does not change from frame to frame is worked out once, by the encoder's file: the features' part of the
convolutions that mix them in, as bytes, and the steps and biases of the convolutions that the style scales and shifts.
The generator's file is written operator by operator, in ONNX Runtime's own with channels last: between its first and
its last convolution nothing but bytes is moved. Value = step * (byte - zero).
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import torch
from onnx import checker, helper, numpy_helper

import model
import quantise
from aliases import Array

if TYPE_CHECKING:
    # Debian's onnx makes them only as it loads.
    from onnx.onnx_ml_pb2 import NodeProto, TensorProto  # pyright: ignore[reportAttributeAccessIssue]

OPSET = 17
FLOAT, UINT8, INT32 = 1, 2, 6  # kinds of tensors in ONNX
OWN = "com.microsoft"  # domain of ONNX Runtime's operators
MIXES = ["mix64", "mix32", "mix16"]
WIDE = 16  # channels that ONNX Runtime's fastest convolution needs at least
LEAST = 1e-3  # a scale nearer to zero would ask for a bias beyond 32 bits


def names(g: model.Generator) -> list[str]:
    """Outputs of the encoder's file, which are inputs of the generator's."""
    return [*MIXES, "gain", "back", *(f"{what}{k}" for k in range(len(g.sizes)) for what in ("step", "bias"))]


def bytes_of(x: torch.Tensor, grid: model.Grid) -> torch.Tensor:
    """Values (N C H W) on a grid, as bytes, channels last."""
    assert grid.step is not None
    return ((x / grid.step).round() + grid.zero).clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


class Encoder(torch.nn.Module):
    """Portrait + maps -> names(g): all that is one for every frame. e is float32, g calibrated."""

    def __init__(self, e: model.Encoder, g: model.Generator) -> None:
        super().__init__()
        self.e = e
        self.styles, n = g.styles, len(g.blocks)
        before = [g.mix16.grid, *list(g.sums)[:n - 1], *list(g.sums)[n:]]
        # Of each layer that the style changes: steps of its weight and of what comes in, and its bias.
        self.layers = [(quantise.weight_steps(m.weight.data), grid.step, m.bias.data)
                       for m, grid in zip(g.modulated(), before, strict=True) if m.bias is not None]
        self.grids = []
        for name in MIXES:
            mix = g.get_submodule(name)
            assert isinstance(mix, model.Mix)
            part = torch.nn.Conv2d(mix.in_channels - mix.seen, mix.out_channels, 3, padding=1, bias=False)
            part.weight.data = mix.weight.data[:, mix.seen:].clone()
            self.add_module(name, part)
            self.grids.append(mix.constant)

    def forward(self, picture: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, ...]:
        *features, style = self.e(picture, maps)
        parts, gain = self.styles(style)
        out = [bytes_of(self.get_submodule(n)(f), grid) for n, f, grid in zip(MIXES, features, self.grids, strict=True)]
        out += [gain, 1 / gain]
        for (steps, entering, bias), part in zip(self.layers, parts, strict=True):
            scale, shift = part.flatten().split(len(bias))
            scale = 1 + scale
            scale = torch.where(scale < 0, scale.clamp(max=-LEAST), scale.clamp(min=LEAST))
            out += [steps * scale, ((bias * scale + shift) / (steps * scale * entering)).round()]
        return tuple(out)


class Writer:
    """An ONNX graph that grows node by node. Tensors are named by strings; a tensor of bytes goes with its grid."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}
        self.inputs: list[Any] = []

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = numpy_helper.from_array(value, name)
        return name

    def input(self, name: str, *shape: int, kind: int = FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def add(self, kind: str, inputs: Sequence[str], domain: str = "", out: str = "", **attributes: Any) -> str:
        out = out or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], domain=domain, **attributes))
        return out

    def split(self, x: str, axis: int, *sizes: int) -> list[str]:
        outs = [f"Split_{len(self.nodes)}_{k}" for k in range(len(sizes))]
        self.nodes.append(helper.make_node("Split", [x, self.whole(*sizes)], outs, axis=axis))
        return outs

    def whole(self, *numbers: int) -> str:
        return self.constant("whole_" + "_".join(map(str, numbers)), np.array(numbers, np.int64))

    def grid(self, g: model.Grid) -> list[str]:
        assert g.step is not None
        name = f"grid_{g.step!r}_{g.zero}"
        return [self.constant(name + "_step", np.array(g.step, np.float32)), self.constant(name + "_zero", np.array(g.zero, np.uint8))]

    def sum(self, a: str, ga: model.Grid, b: str, gb: model.Grid, to: model.Grid) -> str:
        return self.add("QLinearAdd", [a, *self.grid(ga), b, *self.grid(gb), *self.grid(to)], OWN)

    def double(self, x: str, height: int, width: int, channels: int) -> str:
        """x (1 height width channels) twice as wide and high: ONNX Runtime takes ten times as long to resize."""
        x = self.add("Reshape", [x, self.whole(1, height * width, channels)])
        x = self.add("Reshape", [self.add("Concat", [x, x], axis=2), self.whole(1, height, 2 * width * channels)])
        return self.add("Reshape", [self.add("Concat", [x, x], axis=2), self.whole(1, 2 * height, 2 * width, channels)])

    def convolve(self, name: str, layer: torch.nn.Conv2d, x: str, before: model.Grid, after: model.Grid,
                 given: tuple[str, str] | None = None) -> str:
        """given: step and bias, where the portrait has them. A layer of few channels gets more, which are zero."""
        assert layer.bias is not None and before.step is not None
        weight = quantise.seen_weight(layer)
        steps = quantise.weight_steps(weight)
        numbers = (weight / steps.view(-1, 1, 1, 1)).round().numpy().astype(np.int8)
        bias = (layer.bias.data.double() / (steps * before.step)).round().numpy().astype(np.int32)
        more = max(0, WIDE - len(steps))
        zero = np.zeros(len(steps), np.int8)
        own = {"weight_whole": (numbers, 0), "weight_step": (steps.numpy(), 1), "bias_whole": (bias, 0), "zero": (zero, 0)}
        parts = [self.constant(f"{name}.{what}", np.concatenate([v, np.full((more, *v.shape[1:]), rest, v.dtype)]))
                 for what, (v, rest) in own.items()]
        if given:  # what the layer has of its own stays in the file, for restore.py
            parts[1], parts[2] = given[0], self.add("Cast", [given[1]], to=INT32)
        size, pad = layer.kernel_size[0], layer.padding[0]
        assert isinstance(pad, int)
        return self.add("QLinearConv", [x, *self.grid(before), parts[0], parts[1], parts[3], *self.grid(after), parts[2]], OWN,
                        channels_last=1, kernel_shape=[size, size], strides=list(layer.stride), pads=[pad] * 4)


def write_generator(g: model.Generator, edge: int, path: str) -> None:
    """Writes a calibrated generator for a region of edge pixels."""
    w = Writer()
    picture, maps = w.input("picture", 1, 3, edge, edge), w.input("maps", 1, model.MAPS, edge, edge)
    gain, back = (w.input(name, 1, 3, 1, 1) for name in ("gain", "back"))
    x = w.add("Sub", [w.add("Mul", [picture, gain]), w.constant("half", np.array(0.5, np.float32))])
    x = w.add("Concat", [w.add("QuantizeLinear", [y, *w.grid(g.seen)]) for y in (x, maps)], axis=1)
    colours = paint(w, g, edge, w.add("Transpose", [x], perm=[0, 2, 3, 1]))
    x = w.add("Mul", [colours, back])
    mask = w.add("Slice", [maps, w.whole(2), w.whole(3), w.whole(1)])
    w.add("Mul", [x, mask], out="difference")
    out = helper.make_tensor_value_info("difference", FLOAT, (1, 3, edge, edge))
    graph = helper.make_graph(w.nodes, "generator", w.inputs, [out], list(w.constants.values()))
    m = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(OWN, 1)], ir_version=8,
                          producer_name="gioconda")
    checker.check_model(m)
    onnx.save(m, path)


def paint(w: Writer, g: model.Generator, edge: int, x: str) -> str:
    """The U-Net over bytes, channels last -> differences of colour (1 3 edge edge)."""
    grid, kept = g.seen, []
    for name, enter, mix in zip(MIXES, ("in64", "in32", "in16"), (g.mix64, g.mix32, g.mix16), strict=True):
        layer = g.get_submodule(enter)
        assert isinstance(layer, model.Layer)
        x = w.convolve(enter, layer, x, grid, layer.grid)
        edge //= 2
        part = w.convolve(name, mix, x, layer.grid, mix.part)
        constant = w.input(name, 1, edge, edge, mix.out_channels, kind=UINT8)
        x, grid = w.sum(part, mix.part, constant, mix.constant, mix.grid), mix.grid
        kept.append(x)
    given = [(w.input(f"step{k}", n), w.input(f"bias{k}", n)) for k, n in enumerate(g.sizes)]
    for k, pair in enumerate(g.blocks):
        assert isinstance(pair, torch.nn.ModuleList)
        one, two = pair
        assert isinstance(one, model.Modulated) and isinstance(two, model.Layer)
        y = w.convolve(f"blocks.{k}.0", one, x, grid, one.grid, given[k])
        y = w.convolve(f"blocks.{k}.1", two, y, one.grid, two.grid)
        sums = g.sums[k]
        assert isinstance(sums, model.Grid)
        x, grid = w.sum(x, grid, y, two.grid, sums), sums
    for k, (up, out, other, mix) in enumerate(((g.up32, g.out32, kept[1], g.mix32), (g.up64, g.out64, kept[0], g.mix64)), len(g.blocks)):
        sums = g.sums[k]
        assert isinstance(sums, model.Grid)
        y = w.double(w.convolve("up" + ("32", "64")[k - len(g.blocks)], up, x, grid, up.grid), edge, edge, up.out_channels)
        edge *= 2
        x = w.sum(y, up.grid, other, mix.grid, sums)
        x, grid = w.convolve("out" + ("32", "64")[k - len(g.blocks)], out, x, sums, out.grid, given[k]), out.grid
    assert isinstance(g.head, model.Layer)
    return coherent(w, w.convolve("head", g.head, x, grid, g.head.grid), g.head.grid, edge)


def coherent(w: Writer, planes: str, grid: model.Grid, edge: int) -> str:
    """model.coherent over bytes (1 edge edge WIDE)."""
    y, chroma, _ = w.split(w.add("Transpose", [planes], perm=[0, 3, 1, 2]), 1, 4, 3, WIDE - 7)
    # Columns, then rows: in one go it takes ten times as long.
    y = w.add("Transpose", [w.add("Reshape", [y, w.whole(2, 2, edge * edge)])], perm=[0, 2, 1])
    y = w.add("Transpose", [w.add("Reshape", [y, w.whole(2, edge, 2 * edge)])], perm=[1, 0, 2])
    y = w.add("DequantizeLinear", [w.add("Reshape", [y, w.whole(1, 1, 2 * edge, 2 * edge)]), *w.grid(grid)])
    x = w.add("AveragePool", [w.add("DequantizeLinear", [chroma, *w.grid(grid)])], kernel_shape=[2, 2], strides=[2, 2])
    rows = model.enlarge(edge // 2).numpy()
    x = w.add("MatMul", [w.constant("rows", rows), x])
    x = w.add("MatMul", [x, w.constant("columns", np.ascontiguousarray(rows.T))])
    red, green, blue = w.split(x, 1, 1, 1, 1)
    green = w.add("Min", [w.add("Max", [green, w.add("Min", [red, blue])]), w.add("Max", [red, blue])])
    return w.add("Add", [y, w.add("Concat", [red, green, blue], axis=1)])
