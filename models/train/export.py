#!/usr/bin/env python3
"""Write a trained generator as ONNX files with a manifest.   export.py CHECKPOINT [...] --out DIR

One checkpoint for each network; their mean weights are exported. The manifest is the contract that package portrait reads.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import torch

import evaluate
import integers
import logs
import model
import model_l
import quantise
import train
import tuning
from aliases import Config

log = logging.getLogger("export")

OPSET = 17
FILES = ("encoder", "generator", "tuning")
FEATURES = ["f64", "f32", "f16", "style"]

Part = dict[str, Any]  # one network of the manifest, see package portrait
Written = tuple[dict[str, dict[str, str]], int, int]  # files by what they are, then multiply-accumulates of encoder and generator

DATA = [
    "GRID audiovisual sentence corpus, talkers (CC BY 4.0)",
    "webcam clips by their repositories' authors (MIT)",
    "weekly addresses of US presidents (works of the US government, public domain)",
    "clips rendered from ICT-FaceKit, light version (MIT)",
    "Face Research Lab London Set, DeBruine and Jones 2017 (CC BY 4.0)",
]


def write(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], names_in: list[str], names_out: list[str], path: str,
          batch: bool = False) -> dict[str, str]:
    """batch: the first dimension of every port is free and is called so."""
    module.eval()
    axes = {n: {0: "batch"} for n in [*names_in, *names_out]} if batch else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sizes that become constants are meant to
        torch.onnx.export(module, inputs, path, opset_version=OPSET, input_names=names_in, output_names=names_out,
                          do_constant_folding=True, dynamic_axes=axes)
    return described(path)


def described(path: str) -> dict[str, str]:
    """A file as the manifest names it."""
    with open(path, "rb") as f:
        return {"file": os.path.basename(path), "sha256": hashlib.sha256(f.read()).hexdigest()}


def small(cfg: Config, e: model.Encoder, g: model.Generator, edge: int, out: str,
          seen: Iterable[Sequence[torch.Tensor]] | None = None) -> Written:
    """Files of gioconda-s for one region, and the cost of a run; in 8 bits if there are batches that calibrate."""
    picture, maps = torch.rand(1, 3, edge, edge), torch.rand(1, model.MAPS, edge, edge)
    with torch.no_grad():
        f = e(picture, maps)
    at, ports = os.path.join(out, cfg["region"]), ["picture", "maps"]
    cost = model.macs(e, picture, maps), model.macs(g, picture, maps, *f)
    if seen is None:
        return {"encoder": write(e, (picture, maps), ports, FEATURES, at + "_encoder.onnx"),
                "generator": write(g, (picture, maps, *f), [*ports, *FEATURES], ["difference"], at + "_generator.onnx")}, *cost
    g = quantise.calibrate(e, g, seen)
    integers.write_generator(g, edge, at + "_generator.onnx")
    inputs, outputs = tuning.names(g)
    step = write(tuning.Step(g), tuple(torch.rand(shape) for shape in tuning.shapes(g, edge)), inputs, outputs, at + "_tuning.onnx")
    return {"encoder": write(integers.Encoder(e, g), (picture, maps), ports, integers.names(g), at + "_encoder.onnx"),
            "generator": described(at + "_generator.onnx"), "tuning": step}, *cost


def large(cfg: Config, e: model_l.Encoder, g: model_l.Generator, edge: int, out: str) -> Written:
    """Files of gioconda-l: video in bytes in and out, the batch free."""

    def byte(*shape: int) -> torch.Tensor:
        return torch.randint(0, 256, shape, dtype=torch.uint8)

    picture, maps = byte(2, edge * 3 // 2, edge), byte(2, model.MAPS, edge // 2, edge // 2)
    encoder, generator = model_l.VideoEncoder(e, edge).eval(), model_l.VideoGenerator(g, edge).eval()
    with torch.no_grad():
        f = encoder(picture, maps)
    at = os.path.join(out, cfg["region"])
    names = ["keys", "values", "style"]
    return ({"encoder": write(encoder, (picture, maps), ["picture", "maps"], names, at + "_encoder.onnx", True),
             "generator": write(generator, (picture, maps, *f), ["picture", "maps", *names], ["painted"], at + "_generator.onnx", True)},
            model.macs(encoder, picture[:1], maps[:1]), model.macs(generator, picture[:1], maps[:1], *(x[:1] for x in f)))


def export(checkpoint: str, out: str, newer: str | None, calibration: Sequence[str] | None) -> tuple[str, list[Part], dict[str, Any]]:
    s, e, g = evaluate.load(checkpoint)
    cfg, edge = dict(s["config"]), s["regions"][0]["edge"]
    if newer:
        cfg["trust"] = train.configure(newer).get("trust")
    precision = "float32"
    if isinstance(e, model_l.Encoder) and isinstance(g, model_l.Generator):
        files, *macs = large(cfg, e, g, edge, out)
    else:
        assert isinstance(e, model.Encoder) and isinstance(g, model.Generator)
        seen = quantise.batches(calibration, cfg) if calibration else None
        files, *macs = small(cfg, e, g, edge, out, seen)
        precision = quantise.PRECISION if calibration else precision
    parts = [{"region": r, "maps": model.MAPS, **files} for r in s["regions"]]
    if cfg["region"] == "head":
        parts[0]["kind"] = "picture"
    if cfg.get("trust") and cfg["region"] in ("mouth", "head"):
        parts[0]["trust"] = cfg["trust"]
    run = {"region": cfg["region"], "steps": s["step"], "hours": round(s["seconds"] / 3600, 2), "config": cfg, "generator": precision,
           "gmac_encoder": round(macs[0] / 1e9, 3), "gmac_generator": round(macs[1] / 1e9, 3)}
    return cfg["name"], parts, run


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("checkpoints", nargs="+")
    p.add_argument("--out", required=True)
    p.add_argument("--config", help="take trust from this YAML instead of the checkpoint's own configuration")
    p.add_argument("--figures", help="JSON of evaluate.py, to keep in the manifest")
    p.add_argument("--calibrate", nargs="+", metavar="DATA", help="write generators of gioconda-s in 8 bits, their ranges taken from "
                   "these samples, the same that trained them (gioconda-l stays float32)")
    a = p.parse_args()
    logs.to_stdout()
    torch.set_num_threads(1)
    os.makedirs(a.out, exist_ok=True)
    names, parts, runs = zip(*(export(c, a.out, a.config, a.calibrate) for c in a.checkpoints), strict=True)
    manifest = {"version": 1, "name": names[0], "parts": [p for some in parts for p in some],
                "licence": "Apache-2.0 for the weights; credit the data's authors", "data": DATA, "training": list(runs)}
    if any(r["region"] == "head" for r in runs):
        manifest["batches"] = [1, 2, 4, 8, 16, 32]
    if a.figures:
        with open(a.figures) as f:
            manifest["figures"] = {k: v for k, v in json.load(f).items() if k in [r["region"] for r in runs]}
    with open(os.path.join(a.out, "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)
        f.write("\n")
    for path in sorted({os.path.join(a.out, p[k]["file"]) for p in manifest["parts"] for k in FILES if k in p}):
        log.info("%s %d bytes", path, os.path.getsize(path))


if __name__ == "__main__":
    main()
