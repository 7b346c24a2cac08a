#!/usr/bin/env python3
"""Tests that report.py measures as `gioconda dataset measure` does: python3 models/train/test_measures.py [--update]

Both read testdata/measures.json, so that neither can change alone. --update writes what report.py measures into it.
"""
from __future__ import annotations

import json
import os
import sys
import unittest
from typing import Any

import testing

try:
    import numpy as np
    import torch

    import data
    import report
except ModuleNotFoundError as e:
    raise testing.skipped(e) from None

GOLDEN = os.path.join(testing.HERE, "testdata", "measures.json")
EDGE = 48


def pictures() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A picture, its truth (1 3 E E, 0..1) and the maps, whose mask is uneven and reaches one border."""
    y, x = np.mgrid[0:EDGE, 0:EDGE]
    rgb = np.stack([(5 * x + 3 * y) % 256, (7 * y + 11) % 256, (x * y) % 256])
    true = np.clip(rgb + (13 * x + 7 * y) % 41 - 20, 0, 255)
    maps = np.zeros((7, EDGE, EDGE))
    maps[data.MASK] = ((x + y) % 3) / 2 * ((x < 30) & (y >= 12) & (y < 40))
    a, b, m = (torch.from_numpy(t.astype(np.float32))[None] for t in (rgb, true, maps))
    return a / 255, b / 255, m


def figures() -> dict[str, Any]:
    x, true, maps = pictures()
    measured = report.measure(x, true, maps)
    alike = report.ssim(x, true)[0, 0]
    return {
        "edge": EDGE, "openFrom": report.OPEN,
        **{name: round(float(measured[name]), 7) for name in ("l1", "psnr", "ssim", "energy")},
        "ssimAt": [{"x": x, "y": y, "ssim": round(float(alike[y, x]), 6)}
                   for x, y in ((0, 0), (47, 0), (20, 1), (2, 46), (24, 24), (37, 9))],
    }


class Measures(unittest.TestCase):
    def test_as_the_go_program(self) -> None:
        with open(GOLDEN, encoding="utf-8") as f:
            want = json.load(f)
        got = figures()
        self.assertEqual(got["openFrom"], want["openFrom"])
        for name in ("edge", "l1", "psnr", "ssim", "energy"):
            self.assertAlmostEqual(got[name], want[name], 5, name)
        self.assertEqual(len(got["ssimAt"]), len(want["ssimAt"]))
        for a, b in zip(got["ssimAt"], want["ssimAt"], strict=True):
            self.assertEqual((a["x"], a["y"]), (b["x"], b["y"]))
            self.assertAlmostEqual(a["ssim"], b["ssim"], 4)


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        with open(GOLDEN, "w", encoding="utf-8") as f:
            json.dump(figures(), f, indent=1)
            f.write("\n")
    else:
        unittest.main()
