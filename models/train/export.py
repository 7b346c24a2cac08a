#!/usr/bin/env python3
"""Write a trained generator as ONNX files with a manifest.   export.py CHECKPOINT [...] --out DIR

One checkpoint per region; their mean weights are exported. The manifest is the contract that package portrait reads.
"""
import argparse
import hashlib
import json
import os

import torch
import yaml

import model

OPSET = 17
FEATURES = ["f64", "f32", "f16", "style"]

DATA = [
    "GRID audiovisual sentence corpus, talkers (CC BY 4.0)",
    "webcam clips by their repositories' authors (MIT)",
    "weekly addresses of US presidents (works of the US government, public domain)",
    "clips rendered from ICT-FaceKit, light version (MIT)",
    "Face Research Lab London Set, DeBruine and Jones 2017 (CC BY 4.0)",
]


class Weighted(torch.nn.Module):
    """The generator with its output's name and shape spelled out."""

    def __init__(self, g):
        super().__init__()
        self.g = g

    def forward(self, picture, maps, f64, f32, f16, style):
        return self.g(picture, maps, f64, f32, f16, style)


def write(module, inputs, names_in, names_out, path):
    module.eval()
    torch.onnx.export(module, inputs, path, opset_version=OPSET, input_names=names_in, output_names=names_out,
                      do_constant_folding=True)
    with open(path, "rb") as f:
        return {"file": os.path.basename(path), "sha256": hashlib.sha256(f.read()).hexdigest()}


def export(checkpoint, out, newer):
    s = torch.load(checkpoint, map_location="cpu")
    cfg = dict(s["config"])
    if newer:
        with open(newer) as f:
            cfg["trust"] = yaml.safe_load(f)["trust"]
    e, g = model.Encoder(cfg["model"]), model.Generator(cfg["model"])
    torch.nn.ModuleList([e, g]).load_state_dict(s["mean"])
    region = s["region"]
    n, edge = region["name"], region["edge"]
    picture, maps = torch.rand(1, 3, edge, edge), torch.rand(1, model.MAPS, edge, edge)
    with torch.no_grad():
        f = e(picture, maps)
        part = {"region": region, "maps": model.MAPS,
                "encoder": write(e, (picture, maps), ["picture", "maps"], FEATURES, os.path.join(out, n + "_encoder.onnx")),
                "generator": write(Weighted(g), (picture, maps, *f), ["picture", "maps", *FEATURES], ["difference"],
                                   os.path.join(out, n + "_generator.onnx"))}
    if "trust" in cfg:
        part["trust"] = cfg["trust"]
    run = {"region": n, "steps": s["step"], "hours": round(s["seconds"] / 3600, 2), "config": cfg,
           "gmac_encoder": round(model.macs(e, picture, maps) / 1e9, 3),
           "gmac_generator": round(model.macs(g, picture, maps, *f) / 1e9, 3)}
    return cfg["name"], part, run


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("checkpoints", nargs="+")
    p.add_argument("--out", required=True)
    p.add_argument("--config", help="take trust from this YAML instead of the checkpoint's own configuration")
    p.add_argument("--figures", help="JSON of evaluate.py, to keep in the manifest")
    a = p.parse_args()
    os.makedirs(a.out, exist_ok=True)
    names, parts, runs = zip(*(export(c, a.out, a.config) for c in a.checkpoints))
    manifest = {"version": 1, "name": names[0], "parts": list(parts),
                "licence": "Apache-2.0 for the weights; credit the data's authors", "data": DATA, "training": list(runs)}
    if a.figures:
        with open(a.figures) as f:
            manifest["figures"] = json.load(f)
    with open(os.path.join(a.out, "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)
        f.write("\n")
    for part in parts:
        for k in ("encoder", "generator"):
            path = os.path.join(a.out, part[k]["file"])
            print(path, os.path.getsize(path), "bytes")


if __name__ == "__main__":
    main()
