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
    import integers
    import model
    import quantise
    from test_train import batch, config, networks
except ModuleNotFoundError as e:
    raise testing.skipped(e) from None

if TYPE_CHECKING:
    # Debian's onnx makes them only as it loads.
    from onnx.onnx_ml_pb2 import ModelProto  # pyright: ignore[reportAttributeAccessIssue]


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

    def written(self) -> tuple[ModelProto, ModelProto]:
        """Both files, the generator's first."""
        with tempfile.TemporaryDirectory() as out:
            export.small(config(), self.e, self.g, 128, out, self.seen)
            files = [onnx.load(os.path.join(out, f"mouth_{kind}.onnx")) for kind in ("generator", "encoder")]
        return files[0], files[1]

    def test_file_computes_in_bytes(self) -> None:
        m, encoder = self.written()
        checker.check_model(m)
        maker = {o: n for n in m.graph.node for o in n.output}
        values = {i.name: numpy_helper.to_array(i) for i in m.graph.initializer}
        convs = [n for n in m.graph.node if n.op_type == "QLinearConv"]
        self.assertEqual(len(convs), sum(isinstance(x, torch.nn.Conv2d) for x in self.g.modules()))
        self.assertFalse([n.name for n in m.graph.node if n.op_type in ("Conv", "Resize")])
        # The first node that leaves bytes comes after the last convolution, and nothing is turned between.
        between = m.graph.node[list(m.graph.node).index(convs[0]):list(m.graph.node).index(convs[-1])]
        self.assertFalse([n.op_type for n in between if n.op_type in ("DequantizeLinear", "QuantizeLinear", "Transpose")])
        given = {i.name for i in m.graph.input}
        for n in convs:
            weight, bias = values[n.input[3]], n.input[8]
            self.assertEqual(weight.dtype, np.int8)
            rows = [row for row in np.abs(weight.astype(int)).reshape(len(weight), -1).max(1) if row]
            self.assertEqual(rows, [63] * len(rows), n.input[3])
            self.assertTrue(values[bias].dtype == np.int32 if bias in values else maker[bias].input[0] in given)
        outs = {o.name: o.type.tensor_type for o in encoder.graph.output}
        self.assertEqual(given, {"picture", "maps", *outs})
        for i in m.graph.input:
            if i.name in outs:
                self.assertEqual(i.type.tensor_type, outs[i.name], i.name)

    def test_what_is_one_for_all_frames_is_worked_out_once(self) -> None:
        """The encoder's steps and biases, and bytes, say what the calibrated generator computes."""
        _, _, portrait, own = self.seen[0]
        with torch.no_grad():
            *features, style = self.e(portrait[:1], own[:1])
            got = dict(zip(integers.names(self.bytes), integers.Encoder(self.e, self.bytes)(portrait[:1], own[:1]), strict=True))
            parts, gain = self.bytes.styles(style)
            for name, feature in zip(integers.MIXES, features, strict=True):
                mix = self.bytes.get_submodule(name)
                assert isinstance(mix, model.Mix) and mix.constant.step is not None
                value = mix.constant.step * (got[name].permute(0, 3, 1, 2).float() - mix.constant.zero)
                self.assertLess(float((value - mix.constant(mix.looked(feature))).abs().max()), 1.01 * mix.constant.step)
                self.assertGreater(float(value.abs().max()), 10 * mix.constant.step)
            self.assertLess(float((got["gain"] * got["back"] - 1).abs().max() + (got["gain"] - gain).abs().max()), 1e-5)
            for k, layer in enumerate(self.bytes.modulated()):
                assert layer.bias is not None
                scale, shift = parts[k].flatten().split(layer.out_channels)
                step = got[f"step{k}"]
                self.assertLess(float((step / quantise.weight_steps(layer.weight) - 1 - scale).abs().max()), 1e-4)
                entering = (layer.bias * (1 + scale) + shift) / (step * got[f"bias{k}"])
                large = got[f"bias{k}"].abs() > 1000
                self.assertTrue(bool(large.any()))
                self.assertLess(float(entering[large].max() / entering[large].min()), 1.01)  # one step of what comes in


if __name__ == "__main__":
    unittest.main()
