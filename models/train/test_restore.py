#!/usr/bin/env python3
"""Tests of going on from exported weights: python3 models/train/test_restore.py"""
from __future__ import annotations

import copy
import json
import os
import tempfile
import unittest
from typing import Any

import testing

try:
    import numpy as np
    import onnx
    import torch
    from onnx import numpy_helper

    import augment
    import export
    import model
    import quantise
    import restore
    import train
    from aliases import Array
    from test_train import batch, config
except ModuleNotFoundError as e:
    raise testing.skipped(e) from None

SHIPPED = os.path.join(testing.HERE, "..", "portrait", "weights", "gioconda-s")


def whole(path: str) -> dict[str, Array]:
    """The weights of a file that are bytes."""
    return {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer if i.name.endswith("weight_whole")}


class Restored(unittest.TestCase):
    """Weights that went into files and came back."""

    def setUp(self) -> None:
        torch.set_num_threads(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = folder.name
        geo, _, maps, portrait, own = augment.apply(np.random.default_rng(1), config()["augment"], batch())
        self.seen = geo, maps, portrait, own

    def exported(self, integers: bool) -> model.Generator:
        """Writes a network of noise as export.py does; returns the generator that the files hold."""
        run = train.Run(config(), self.out)
        e, g = run.mean
        assert isinstance(e, model.Encoder) and isinstance(g, model.Generator) and g.head.bias is not None
        for p in (g.head.weight, g.head.bias, e.style.bias):
            torch.nn.init.normal_(p, std=0.05)
        export.small(run.cfg, e, g, 128, self.out, [self.seen] if integers else None)
        with open(os.path.join(self.out, "manifest.json"), "w") as f:
            json.dump({"parts": [{"region": {"name": "mouth", "edge": 128}, "encoder": {"file": "mouth_encoder.onnx"},
                                  "generator": {"file": "mouth_generator.onnx"}}],
                       "training": [{"region": "mouth", "steps": 7, "hours": 0.5, "config": run.cfg}]}, f)
        self.e, self.features = e, e(*self.seen[2:])
        return quantise.calibrate(e, g, [self.seen]) if integers else g

    def test_what_was_written_comes_back(self) -> None:
        for integers in (False, True):
            want = self.exported(integers)
            run = train.Run(config(), self.out)
            state = restore.restore(self.out)
            run.e.load_state_dict(state["e"])
            run.g.load_state_dict(state["g"])
            geo, maps, portrait, own = self.seen
            with torch.no_grad():
                rounding = copy.deepcopy(want)  # of activations: no file of weights has it
                for grid in rounding.modules():
                    if isinstance(grid, model.Grid):
                        grid.step = None
                got, truth = run.g(geo, maps, *run.e(portrait, own)), rounding(geo, maps, *self.features)
            self.assertGreater(float(truth.abs().mean()), 1e-3)
            self.assertLess(float((got - truth).abs().max()), 2e-3 * float(truth.abs().max()))
        self.begins(state)
        self.says_what_is_missing()

    def begins(self, state: dict[str, Any]) -> None:
        """A run begins with it, and with a discriminator of its own."""
        self.assertEqual((state["step"], state["seconds"], state["regions"][0]["edge"]), (7, 1800, 128))
        path = os.path.join(self.out, "restored.pt")
        torch.save(state, path)
        run = train.Run(config(), self.out)
        before = copy.deepcopy(run.d.state_dict())
        run.start(path)
        for net, part in ((run.g, "g"), (run.mean, "mean"), (run.e, "e")):
            for name, value in net.state_dict().items():
                self.assertTrue(torch.equal(value, state[part][name]), name)
        self.assertTrue(all(torch.equal(v, before[k]) for k, v in run.d.state_dict().items()))

    def says_what_is_missing(self) -> None:
        with self.assertRaisesRegex(SystemExit, "no eyes"):
            restore.restore(self.out, "eyes")
        path = os.path.join(self.out, "mouth_generator.onnx")
        file = onnx.load(path)
        for i in [i for i in file.graph.initializer if i.name.startswith("in32.weight")]:
            i.name = "another"
        for n in file.graph.node:
            n.input[:] = ["another" if i.startswith("in32.weight") else i for i in n.input]
        onnx.save(file, path)
        with self.assertRaisesRegex(SystemExit, "no in32.weight"):
            restore.restore(self.out)

    def test_shipped_weights_come_back_to_the_byte(self) -> None:
        state = restore.restore(SHIPPED)
        run = train.Run(state["config"], self.out)
        run.mean.load_state_dict(state["mean"])
        e, g = run.mean
        assert isinstance(e, model.Encoder) and isinstance(g, model.Generator)
        export.small(run.cfg, e, g, state["regions"][0]["edge"], self.out, [self.seen])
        want, got = (whole(os.path.join(folder, "mouth_generator.onnx")) for folder in (SHIPPED, self.out))
        self.assertEqual(len(want), 15)
        for name, numbers in want.items():
            # The last convolution's seven sums are of six, and its rounding is not.
            far = int(np.abs(numbers.astype(int) - got[name]).max())
            self.assertLessEqual(far, 2 if name.startswith("head.") else 0, name)


if __name__ == "__main__":
    unittest.main()
