#!/usr/bin/env python3
"""Weights between those of two runs, one of which started from the other.   mix.py FROM.pt TO.pt SHARE --out MIXED.pt

SHARE of TO, the rest of FROM. What a run has learned of new data and what it had known before often add up so
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Only the mean weights are mixed; further training
starts from them (train.py --init).
"""
from __future__ import annotations

import argparse
from typing import Any

import torch


def mix(old: dict[str, Any], new: dict[str, Any], share: float) -> dict[str, Any]:
    """The checkpoint new with mixed weights in the places of both its weights and their mean."""
    mean = {k: old["mean"][k].lerp(v, share) for k, v in new["mean"].items()}
    out = {**new, "mean": mean, "config": {**new["config"], "mixed": {"steps_before": old["step"], "share": share}}}
    for part, name in (("0.", "e"), ("1.", "g")):  # of the list that report and export read
        out[name] = {k[2:]: v for k, v in mean.items() if k.startswith(part)}
    return out


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("old")
    p.add_argument("new")
    p.add_argument("share", type=float)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    torch.save(mix(torch.load(a.old, map_location="cpu"), torch.load(a.new, map_location="cpu"), a.share), a.out)


if __name__ == "__main__":
    main()
