#!/usr/bin/env python3
"""A checkpoint out of exported weights of gioconda-s, to go on from where no checkpoint was kept.

restore.py DIR --out RESTORED.pt, then train.py --init RESTORED.pt. DIR holds manifest.json and the files that export.py
wrote. Weights in 8 bits come back as the numbers that they stand for, so the checkpoint paints what the files do, but for
the rounding of activations. The discriminator and the optimisers' state, which no file keeps, begin anew.
"""
from __future__ import annotations

import argparse
import json
import os
from typing import Any

import numpy as np
import onnx
import torch

import data
import model
import quantise
import train
from aliases import Array


def weights(graph: quantise.Graph, net: torch.nn.Module, beside: quantise.Graph) -> dict[str, torch.Tensor]:
    """The state of net as its file has it: plain, in 8 bits, or, of the last convolution, summed. beside is the other network's
    file: in 8 bits the encoder's has a part of the generator, and its own weights under e."""
    state = {}
    for name in net.state_dict():
        value: Array | None
        if (plain := next((n for n in (name, f"e.{name}") if graph.has(n)), None)):
            value = graph.value(plain)
        elif graph.has(f"{name}_whole"):
            value = whole(graph, name)
            if name.endswith(".weight") and beside.has(name):  # of model.Mix
                value = np.concatenate([value, beside.value(name)], 1)
            if name.startswith("head."):
                value = unsummed(value)
        elif name.startswith("mix") and name.endswith(".weight"):
            value = joined(graph, name.removesuffix(".weight"))
        elif name.startswith("head."):
            convolution = [n for n in graph.graph.node if n.op_type == "Conv"][-1]
            total = graph.maker(convolution.input[2 if name == "head.bias" else 1], "ReduceSum")
            value = unsummed(graph.value(total.input[0]).sum(1))
        else:
            value = None
        if value is None:
            raise SystemExit(f"the file has no {name}: it is of another network than its manifest's configuration says")
        state[name] = torch.from_numpy(np.array(value, np.float32))
    return state


def whole(graph: quantise.Graph, name: str) -> Array:
    """Steps times whole numbers, a step for each output channel; a bias's is the weight's times that of what comes in."""
    layer, kind = name.rsplit(".", 1)
    steps, numbers = graph.value(f"{layer}.weight_step"), graph.value(f"{name}_whole")
    if kind == "bias":
        node = next(n for n in graph.graph.node if f"{layer}.weight_whole" in n.input)
        steps = steps * graph.value(node.input[1])
    return steps.reshape(-1, *[1] * (numbers.ndim - 1)) * numbers


def joined(graph: quantise.Graph, layer: str) -> Array | None:
    """Weight of model.Mix in a float32 file, where what is seen and the features have a convolution each."""
    seen = [n.input[1] for n in graph.graph.node if n.op_type == "Conv" and f"{layer}.bias" in n.input]
    features = [n.input[1] for n in graph.graph.node if n.op_type == "Conv" and len(n.input) == 2]
    if not seen:
        return None
    return np.concatenate([graph.value(seen[0]), graph.value(features[("mix64", "mix32", "mix16").index(layer)])], 1)


def unsummed(seven: Array) -> Array:
    """Weight or bias of model.Head, of which the file holds the sums, the first seven. Of all that have them, the smallest."""
    sums = model.Head(1).sums.numpy()
    return np.tensordot(np.linalg.pinv(sums), seven[:len(sums)], 1)


def restore(folder: str, region: str = "mouth") -> dict[str, Any]:
    """The checkpoint of one region, as evaluate.py, mix.py, export.py and train.py --init read it."""
    with open(os.path.join(folder, "manifest.json")) as f:
        manifest = json.load(f)
    run = next((r for r in manifest["training"] if r["region"] == region), None)
    names = data.REGIONS.get(region, [region])
    parts = [p for p in manifest["parts"] if p["region"]["name"] in names]
    if run is None or not parts or region == "head":
        raise SystemExit(f"{folder} has no {region} of gioconda-s")
    state: dict[str, Any] = {}
    files = [quantise.Graph(onnx.load(os.path.join(folder, parts[0][kind]["file"])).graph) for kind in ("encoder", "generator")]
    for key, net, file, other in zip(("e", "g"), train.build(run["config"])[:2], files, files[::-1], strict=True):
        state[key] = weights(file, net, other)
        net.load_state_dict(state[key])  # says so where a shape differs
    mean = {f"{k}.{name}": value for k, key in enumerate(state) for name, value in state[key].items()}
    return {**state, "mean": mean, "step": run["steps"], "seconds": 3600 * run["hours"], "history": [], "config": run["config"],
            "regions": [p["region"] for p in parts]}


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("folder", metavar="DIR")
    p.add_argument("--region", default="mouth")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    torch.save(restore(a.folder, a.region), a.out)


if __name__ == "__main__":
    main()
