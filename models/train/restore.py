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


def weights(graph: quantise.Graph, net: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The state of net as its file has it: plain, in 8 bits, or, of the last convolution, as the products that are summed."""
    held = {i.name for i in graph.graph.initializer}
    state = {}
    for name in net.state_dict():
        if name in held:
            value = graph.value(name)
        elif f"{name}_whole" in held:
            value = whole(graph, name)
        elif name.startswith("head."):
            value = unsummed(graph, name)
        else:
            raise SystemExit(f"the file has no {name}: it is of another network than its manifest's configuration says")
        state[name] = torch.from_numpy(np.array(value, np.float32))
    return state


def whole(graph: quantise.Graph, name: str) -> Array:
    """Steps times whole numbers, a step for each output channel."""
    steps, numbers = graph.value(f"{name}_step"), graph.value(f"{name}_whole")
    return steps.reshape(-1, *[1] * (numbers.ndim - 1)) * numbers


def unsummed(graph: quantise.Graph, name: str) -> Array:
    """Weight or bias of model.Head, of which the file holds every product with its sums, (7, 12, ...)."""
    convolution = [n for n in graph.graph.node if n.op_type == "Conv"][-1]
    total = graph.maker(convolution.input[2 if name == "head.bias" else 1], "ReduceSum")
    products = graph.value(total.input[0])
    sums = model.Head(1).sums.numpy().reshape(*products.shape[:2], *[1] * (products.ndim - 2))
    return (products * sums).sum(0) / (sums * sums).sum(0)


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
    for key, kind, net in zip(("e", "g"), ("encoder", "generator"), train.build(run["config"])[:2], strict=False):
        file = onnx.load(os.path.join(folder, parts[0][kind]["file"]))
        state[key] = weights(quantise.Graph(file.graph), net)
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
