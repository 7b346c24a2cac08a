"""8 bits for the generator of gioconda-s: the ranges of its grids, and its weights.

Activations become unsigned bytes, one step and one zero for each grid of model.Generator, from the smallest to the
largest value that calibration saw. Weights become signed bytes around zero, one step for each output channel. What
follows the last convolution stays float32. integers.py writes the files.
"""
from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from onnx import numpy_helper

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
    "weights": "int8 (7 bits), a step per output channel",
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
    assert isinstance(g.head, model.Head)
    weight, bias = (x.detach() for x in g.head.summed())
    g.head = model.Layer(weight.shape[1], len(weight))
    g.head.weight.data, g.head.bias = weight, torch.nn.Parameter(bias)
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
        if isinstance(m, torch.nn.Conv2d):
            weight = seen_weight(m)
            step = weight_steps(weight).view(-1, 1, 1, 1)
            weight[:] = (weight / step).round() * step
    return g


def seen_weight(layer: torch.nn.Conv2d) -> torch.Tensor:
    """The weight of what a frame shows, a view: in Mix the portrait's features have another part, which stays float32."""
    return layer.weight.data[:, :layer.seen] if isinstance(layer, model.Mix) else layer.weight.data


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

    def has(self, name: str) -> bool:
        return any(i.name == name for i in self.graph.initializer)

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
