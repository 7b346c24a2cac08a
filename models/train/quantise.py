"""8 bits for the generator of gioconda-s: the ranges of its grids, its weights, and both in an ONNX file.

Activations become unsigned bytes, one step and one zero for each grid of model.Generator, from the smallest to the
largest value that calibration saw. Weights become signed bytes around zero, one step for each output channel. The last
convolution and what follows stay float32. The file says so with pairs of QuantizeLinear and DequantizeLinear around
every convolution (Jacob et al. 2018, "Quantization and training of neural networks"), which ONNX Runtime melts into
integer operators.
"""
from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import torch
from onnx import checker, helper, numpy_helper, shape_inference

import augment
import data
import model
from aliases import Array, Config

if TYPE_CHECKING:
    # Debian's onnx makes them only as it loads.
    from onnx.onnx_ml_pb2 import GraphProto, NodeProto  # pyright: ignore[reportAttributeAccessIssue]

# Weights use 7 of their 8 bits. Without VNNI, x86 adds products of an unsigned and a signed byte in pairs, in 16 bits:
# 2 * 255 * 63 fits, 2 * 255 * 127 is cut off at 32767, and silently.
WEIGHT_MOST = 63
BATCHES, BATCH, SEED = 24, 8, 1
PRECISION = {  # what the manifest says
    "weights": "int8 (7 bits), a step per output channel; last convolution float32",
    "activations": "uint8, a step per tensor",
    "calibration": f"smallest to largest value over {BATCHES} augmented training batches of {BATCH}, seed {SEED}"}


def batches(paths: Sequence[str], cfg: Config) -> Iterator[Sequence[torch.Tensor]]:
    """Augmented batches as train.py draws them, always the same: (picture, maps, portrait, its maps)."""
    samples, rng = data.Samples(paths, cfg, True), np.random.default_rng(SEED)
    for _ in range(BATCHES):
        some, group = samples.batch(rng, BATCH, cfg["train"]["shares"])
        picture, _, maps, portrait, portrait_maps = augment.apply(rng, cfg["augment"], some, group)
        yield picture, maps, portrait, portrait_maps


def weight_steps(weight: torch.Tensor) -> torch.Tensor:
    """Steps of the output channels of a weight (out, ...)."""
    return weight.abs().flatten(1).amax(1).clamp(min=1e-8) / WEIGHT_MOST


def calibrate(encoder: torch.nn.Module, generator: model.Generator,
              seen: Iterable[Sequence[torch.Tensor]]) -> model.Generator:
    """A copy of generator that computes as 8 bits do; seen gives batches as above."""
    g = copy.deepcopy(generator).eval()
    grids = [m for m in g.modules() if isinstance(m, model.Grid)]
    low, high = dict.fromkeys(grids, 0.0), dict.fromkeys(grids, 1e-3)  # zero is a byte: edges are padded with it

    def look(grid: torch.nn.Module, inputs: Sequence[torch.Tensor], _: object) -> None:
        assert isinstance(grid, model.Grid)
        low[grid], high[grid] = min(low[grid], float(inputs[0].min())), max(high[grid], float(inputs[0].max()))

    hooks = [m.register_forward_hook(look) for m in grids]
    with torch.no_grad():
        for picture, maps, portrait, portrait_maps in seen:
            g(picture, maps, *encoder(portrait, portrait_maps))
    for hook in hooks:
        hook.remove()
    for m in grids:
        m.step = float(np.float32((high[m] - low[m]) / 255))
        m.zero = round(-low[m] / m.step)
    for m in g.modules():
        if isinstance(m, model.Layer):
            step = weight_steps(m.weight.data).view(-1, 1, 1, 1)
            m.weight.data = (m.weight.data / step).round() * step
    return g


def write(path: str) -> None:
    """Rewrites the exported file of a calibrated generator: bytes stay bytes, weights are stored as such."""
    m = shape_inference.infer_shapes(onnx.load(path))
    g = Graph(m.graph)
    g.sink()
    g.double()
    for node in list(m.graph.node):
        if node.op_type == "Conv" and g.made_by(node.input[0], "DequantizeLinear"):
            g.store(node)
    g.prune()
    checker.check_model(m, full_check=True)
    onnx.save(m, path)


class Graph:
    """An ONNX graph whose constants are all initialisers."""

    def __init__(self, graph: GraphProto) -> None:
        self.graph = graph
        for node in [n for n in graph.node if n.op_type == "Constant"]:
            self.constant(node.output[0], numpy_helper.to_array(node.attribute[0].t))
            graph.node.remove(node)

    def constant(self, name: str, value: Array) -> str:
        self.graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    def value(self, name: str) -> Array:
        return next(numpy_helper.to_array(i) for i in self.graph.initializer if i.name == name)

    def made_by(self, name: str, kind: str) -> NodeProto | None:
        """The node that makes a tensor, if it is of this kind."""
        return next((n for n in self.graph.node if name in n.output and n.op_type == kind), None)

    def maker(self, name: str, kind: str) -> NodeProto:
        """The node of this kind that makes a tensor, which must be there."""
        node = self.made_by(name, kind)
        if node is None:
            raise ValueError(f"no {kind} makes {name}")
        return node

    def insert(self, at: int, *nodes: NodeProto) -> None:
        for k, node in enumerate(nodes):
            self.graph.node.insert(at + k, node)

    def sink(self) -> None:
        """Moves each DequantizeLinear behind what only moves values (joins of one grid, nearest Resize): bytes are moved."""
        for node in list(self.graph.node):
            if node.op_type not in ("Concat", "Resize"):
                continue
            joined = node.input if node.op_type == "Concat" else node.input[:1]
            before = [b for x in joined if (b := self.made_by(x, "DequantizeLinear"))]
            if len(before) < len(joined) or len({(float(self.value(b.input[1])), int(self.value(b.input[2]))) for b in before}) > 1:
                continue
            for k, b in enumerate(before):
                node.input[k] = b.input[0]
            out = node.output[0]
            node.output[0] = out + "_bytes"
            after = helper.make_node("DequantizeLinear", [node.output[0], *before[0].input[1:]], [out])
            self.insert(list(self.graph.node).index(node) + 1, after)

    def double(self) -> None:
        """Writes nearest Resize by two of bytes as two joins with channels last, where integer convolutions keep them:
        ONNX Runtime takes ten times as long to resize."""
        shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in self.graph.value_info}
        for node in [n for n in self.graph.node if n.op_type == "Resize" and self.made_by(n.input[0], "QuantizeLinear")]:
            _, *size = shapes[self.maker(node.input[0], "QuantizeLinear").input[0]]
            at = list(self.graph.node).index(node)
            self.graph.node.remove(node)
            self.insert(at, *self.joins(node.input[0], node.output[0], *size))

    def joins(self, x: str, out: str, c: int, h: int, w: int) -> list[NodeProto]:
        """Nodes that make out of x (1 c h w) twice as wide and as high."""
        nodes: list[NodeProto] = []

        def add(kind: str, inputs: list[str], **attributes: Any) -> str:
            nodes.append(helper.make_node(kind, inputs, [f"{out}_{len(nodes)}"], **attributes))
            return nodes[-1].output[0]

        def shape(x: str, *sizes: int) -> str:
            return add("Reshape", [x, self.constant(f"{out}_{len(nodes)}_shape", np.array(sizes, np.int64))])

        x = shape(add("Transpose", [x], perm=[0, 2, 3, 1]), 1, h * w, c)
        x = shape(add("Concat", [x, x], axis=2), 1, h, 2 * w * c)
        x = shape(add("Concat", [x, x], axis=2), 1, 2 * h, 2 * w, c)
        add("Transpose", [x], perm=[0, 3, 1, 2])
        nodes[-1].output[0] = out
        return nodes

    def store(self, conv: NodeProto) -> None:
        """Weight as int8 and bias as int32 of a convolution over bytes."""
        weight, bias = (self.value(n) for n in conv.input[1:3])
        step = weight_steps(torch.from_numpy(weight.copy())).numpy()
        whole = np.rint(weight / step.reshape(-1, 1, 1, 1)).astype(np.int8)
        product = (self.value(self.maker(conv.input[0], "DequantizeLinear").input[1]) * step).astype(np.float32)
        nodes = []
        for k, q, s in ((1, whole, step), (2, np.rint(bias / product).astype(np.int32), product)):
            name = conv.input[k]
            parts = [self.constant(f"{name}_{what}", x) for what, x in (("whole", q), ("step", s), ("zero", np.zeros(len(s), q.dtype)))]
            conv.input[k] = name + "_real"
            nodes.append(helper.make_node("DequantizeLinear", parts, [conv.input[k]], axis=0))
        self.insert(list(self.graph.node).index(conv), *nodes)

    def prune(self) -> None:
        """Drops nodes and initialisers that nothing uses."""
        ends = {o.name for o in self.graph.output}
        while True:
            used = {x for n in self.graph.node for x in n.input} | ends
            idle = [n for n in self.graph.node if not used & set(n.output)]
            for n in idle:
                self.graph.node.remove(n)
            if not idle:
                break
        for i in [i for i in self.graph.initializer if i.name not in used]:
            self.graph.initializer.remove(i)
