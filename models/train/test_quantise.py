#!/usr/bin/env python3
"""Tests of the generator in 8 bits: python3 models/train/test_quantise.py"""
from __future__ import annotations

import os
import tempfile
import unittest
from typing import TYPE_CHECKING

import testing

try:
    import numpy as np
    import onnx
    import torch
    from onnx import checker, numpy_helper

    import augment
    import export
    import model
    import quantise
    from test_train import batch, config, networks
except ModuleNotFoundError as e:
    raise testing.skipped(e) from None

if TYPE_CHECKING:
    # Debian's onnx makes them only as it loads.
    from onnx.onnx_ml_pb2 import NodeProto  # pyright: ignore[reportAttributeAccessIssue]


class EightBits(unittest.TestCase):
    """The generator of gioconda-s after quantise.py, calibrated and compared on noise that is shaped like samples."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.e, cls.g = networks()
        torch.nn.init.normal_(cls.g.head.weight, std=0.05)
        torch.nn.init.normal_(cls.e.style.bias, std=0.2)
        cls.e, cls.g = cls.e.eval(), cls.g.eval()
        some = [augment.apply(np.random.default_rng(seed), config()["augment"], batch(2, seed)) for seed in range(4)]
        cls.seen = [(picture, maps, portrait, own) for picture, _, maps, portrait, own in some]
        cls.bytes = quantise.calibrate(cls.e, cls.g, cls.seen)

    def paint(self, g: model.Generator, k: int) -> torch.Tensor:
        picture, maps, portrait, own = self.seen[k]
        with torch.no_grad():
            return g(picture, maps, *self.e(portrait, own))

    def test_close_to_float_but_not_float(self) -> None:
        for k in range(len(self.seen)):
            want, got = self.paint(self.g, k), self.paint(self.bytes, k)
            share = float((got - want).abs().mean() / want.abs().mean())
            self.assertTrue(1e-4 < share < 0.05, share)

    def test_calibration_leaves_the_network_alone(self) -> None:
        _, again = networks()
        again.head.weight.data = self.g.head.weight.data
        for a, b in zip(again.parameters(), self.g.parameters(), strict=True):
            self.assertTrue(torch.equal(a, b))
        self.assertTrue(all(m.step is None for m in self.g.modules() if isinstance(m, model.Grid)))

    def test_checkpoints_know_no_grids(self) -> None:
        layers = ["in64", "mix64", "in32", "mix32", "in16", "mix16", "blocks.0.0", "blocks.0.1", "blocks.1.0", "blocks.1.1",
                  "up32", "out32", "up64", "out64", "head"]
        keys = [f"{layer}.{what}" for layer in layers for what in ("weight", "bias")]
        self.assertEqual(list(self.g.state_dict()), keys)
        self.assertEqual(list(self.bytes.state_dict()), keys)

    def test_every_grid_is_used_and_keeps_zero(self) -> None:
        for name, m in self.bytes.named_modules():
            if isinstance(m, model.Grid):
                self.assertEqual(float(m(torch.zeros(1))), 0, name)
                self.assertGreater(m.step or 0, 1e-3 / 255 * 1.01, name)

    def test_file_computes_in_bytes(self) -> None:
        with tempfile.TemporaryDirectory() as out:
            export.small(config(), self.e, self.g, 128, out, self.seen)
            m = onnx.load(os.path.join(out, "mouth_generator.onnx"))
        checker.check_model(m, full_check=True)
        maker = {o: n for n in m.graph.node for o in n.output}

        def users(n: NodeProto) -> list[NodeProto]:
            return [u for u in m.graph.node if set(n.output) & set(u.input)]

        values = {i.name: numpy_helper.to_array(i) for i in m.graph.initializer}
        convs = [n for n in m.graph.node if n.op_type == "Conv"]
        self.assertEqual(len(convs), sum(isinstance(x, torch.nn.Conv2d) for x in self.g.modules()))
        for n in convs[:-1]:
            self.assertEqual([maker[x].op_type for x in n.input], ["DequantizeLinear"] * 3, n.name)
            after = users(n)
            after = users(after[0]) if after[0].op_type == "Relu" else after
            self.assertEqual([u.op_type for u in after], ["QuantizeLinear"], n.name)
            weight, bias = (values[maker[x].input[0]] for x in n.input[1:])
            self.assertEqual((weight.dtype, bias.dtype), (np.int8, np.int32))
            self.assertEqual(np.abs(weight.astype(int)).reshape(len(weight), -1).max(1).tolist(), [63] * len(weight), n.name)
        moved = [n for n in m.graph.node if n.op_type in ("Resize", "Transpose", "Reshape")]
        self.assertFalse([n.name for n in moved if n.op_type == "Resize"])
        self.assertTrue(all(maker[n.input[0]].op_type != "DequantizeLinear" for n in moved if n.input[0] in maker))


if __name__ == "__main__":
    unittest.main()
