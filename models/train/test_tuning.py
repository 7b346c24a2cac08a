#!/usr/bin/env python3
"""Tests of the step that tunes gioconda-s: python3 models/train/test_tuning.py"""
from __future__ import annotations

import copy
import os
import tempfile
import unittest

import testing

try:
    import numpy as np
    import onnx
    import torch
    from onnx import checker

    import augment
    import export
    import integers
    import model
    import quantise
    import tuning
    from test_train import batch, config, networks
except ModuleNotFoundError as e:
    raise testing.skipped(e) from None


class OneStep(unittest.TestCase):
    """The written-out backward pass beside that of PyTorch, on noise that is shaped like samples."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.e, cls.g = networks()
        torch.manual_seed(1)
        torch.nn.init.normal_(cls.g.head.weight, std=0.05)
        torch.nn.init.normal_(cls.e.style.bias, std=0.2)
        cls.e, cls.g = cls.e.eval(), cls.g.eval()
        some = [augment.apply(np.random.default_rng(seed), config()["augment"], batch(tuning.BATCH, seed)) for seed in range(2)]
        cls.seen = [(picture, maps, portrait, own) for picture, _, maps, portrait, own in some]
        cls.bytes = quantise.calibrate(cls.e, cls.g, cls.seen)
        cls.step = tuning.Step(cls.bytes).eval()
        picture, maps, portrait, own = cls.seen[0]
        truth = torch.rand(picture.shape, generator=torch.Generator().manual_seed(2))
        with torch.no_grad():
            given = [x.float() for x in integers.Encoder(cls.e, cls.bytes)(portrait[:1], own[:1])]
        cls.inputs = [picture, maps, truth, *given]

    def test_gradient_is_that_of_pytorch(self) -> None:
        mixes = [x.clone().requires_grad_(True) for x in self.inputs[3:6]]
        error, *found = self.step(*self.inputs[:3], *mixes, *self.inputs[6:])
        want = torch.autograd.grad(error.mean(), mixes)
        for name, a, b in zip(integers.MIXES, found, want, strict=True):
            self.assertGreater(float(b.abs().max()), 0, name)
            self.assertLess(float((a - b).abs().max() / b.abs().max()), 1e-3, name)

    def test_error_is_that_of_the_generator(self) -> None:
        """Which rounds; the step does not."""
        picture, maps, truth = self.inputs[:3]
        _, _, portrait, own = self.seen[0]
        exact = copy.deepcopy(self.bytes)
        for m in exact.modules():
            if isinstance(m, model.Grid):
                m.step = None
        with torch.no_grad():
            features = [x[:1] for x in self.e(portrait, own)]
            d = exact(picture, maps, *(x.expand(tuning.BATCH, *x.shape[1:]) for x in features))
            got = self.step(*self.inputs)[0]
        weight = maps[:, :1]
        want = ((picture + d - truth).abs() * weight).sum((1, 2, 3)) / (3 * weight.sum((1, 2, 3)))
        without = ((picture - truth).abs() * weight).sum((1, 2, 3)) / (3 * weight.sum((1, 2, 3)))
        self.assertLess(float((got - want).abs().max()), 0.05 * float((without - want).abs().max()))

    def test_file_has_the_ports_of_the_generator(self) -> None:
        with tempfile.TemporaryDirectory() as out:
            export.small(config(), self.e, self.g, 128, out, self.seen)
            m = onnx.load(os.path.join(out, "mouth_tuning.onnx"))
            generator = onnx.load(os.path.join(out, "mouth_generator.onnx"))
        checker.check_model(m)
        inputs, outputs = tuning.names(self.bytes)
        self.assertEqual([i.name for i in m.graph.input], inputs)
        self.assertEqual([o.name for o in m.graph.output], outputs)
        self.assertEqual({i.name for i in generator.graph.input} | {"truth"}, set(inputs))
        ports = [*generator.graph.input, *m.graph.input, *m.graph.output]
        shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in ports}
        for name in integers.MIXES:
            self.assertEqual(shapes[f"{name}_gradient"], shapes[name])
        self.assertEqual([o.domain for o in m.opset_import], [""])  # nothing but ordinary operators


if __name__ == "__main__":
    unittest.main()
