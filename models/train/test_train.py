#!/usr/bin/env python3
"""Tests of the training code: python3 models/train/test_train.py"""
from __future__ import annotations

import copy
import os
import tempfile
import unittest

import testing

try:
    import numpy as np
    import torch

    import augment
    import data
    import losses
    import mix
    import model
    import model_l
    import perceptual
    import report
    import train
    from aliases import Batch, Config
except ModuleNotFoundError as e:
    raise testing.skipped(e) from None

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gioconda_s.yaml")


def config() -> Config:
    return train.configure(CONFIG)


def networks() -> tuple[model.Encoder, model.Generator]:
    e, g, _ = train.build(config())
    assert isinstance(e, model.Encoder) and isinstance(g, model.Generator)
    return e, g


def batch(n: int = 2, seed: int = 0) -> Batch:
    """Noise in the shape of samples."""
    rng = np.random.default_rng(seed)

    def pic(c: int) -> torch.Tensor:
        return torch.from_numpy(rng.integers(0, 256, (n, c, 128, 128), dtype=np.uint8))

    return [pic(3), pic(3), pic(7), pic(3), pic(7)]


class Networks(unittest.TestCase):
    def test_untrained_is_geometry_and_within_budget(self) -> None:
        e, g = networks()
        pic, maps = torch.rand(1, 3, 128, 128), torch.rand(1, 7, 128, 128)
        f = e(pic, maps)
        self.assertEqual(float(g(pic, maps, *f).abs().max()), 0)
        self.assertLess(model.macs(g, pic, maps, *f), 0.3e9)

    def test_nothing_outside_the_mask(self) -> None:
        e, g = networks()
        torch.nn.init.normal_(g.head.weight)
        pic, maps = torch.rand(1, 3, 128, 128), torch.rand(1, 7, 128, 128)
        maps[:, data.MASK, :64] = 0
        d = g(pic, maps, *e(pic, maps))
        self.assertEqual(float(d[:, :, :64].abs().max()), 0)
        self.assertGreater(float(d[:, :, 64:].abs().max()), 0)

    def test_differences_keep_luma_and_calm_chroma(self) -> None:
        def coherent(x: torch.Tensor) -> torch.Tensor:
            return model.coherent(torch.einsum("dc,nchw->ndhw", model.Head(1).sums, torch.nn.functional.pixel_unshuffle(x, 2)))

        x = torch.zeros(1, 3, 16, 16)
        x[:, 0, 8, 8] = 0.8  # a red speck
        self.assertLess(float((coherent(x) - model.luma(x)).abs().max()), 0.1)
        x[:, 1, 4:8, 4:8] = 0.4  # a green patch
        y = coherent(x)
        self.assertLessEqual(float((y[:, 1] - torch.maximum(y[:, 0], y[:, 2])).max()), 1e-6)
        warm = torch.tensor([0.2, 0.1, 0.0]).view(1, 3, 1, 1).expand(1, 3, 16, 16)
        self.assertTrue(torch.allclose(coherent(warm), warm, atol=1e-6))

    def test_head_sums_weights_as_one_would_sum_pictures(self) -> None:
        head = model.Head(5)
        torch.nn.init.normal_(head.weight)
        assert head.bias is not None
        torch.nn.init.normal_(head.bias)
        x = torch.randn(2, 5, 16, 16)
        rgb = torch.nn.functional.pixel_shuffle(torch.nn.functional.conv2d(x, head.weight, head.bias, padding=1), 2)
        y = model.luma(rgb)
        chroma = torch.nn.functional.avg_pool2d(rgb - y, 4)
        red, green, blue = torch.nn.functional.interpolate(chroma, scale_factor=4.0, mode="bilinear", align_corners=False).split(1, 1)
        green = torch.minimum(torch.maximum(green, torch.minimum(red, blue)), torch.maximum(red, blue))
        self.assertLess(float((model.coherent(head(x)) - y - torch.cat([red, green, blue], 1)).abs().max()), 1e-4)

    def test_a_step_learns_and_a_run_resumes(self) -> None:
        cfg = config()
        cfg["train"].update(bf16=False, adversarial_from=1)
        torch.set_num_threads(1)
        with tempfile.TemporaryDirectory() as out:
            run = train.Run(cfg, out)
            some = augment.apply(np.random.default_rng(1), cfg["augment"], batch())
            run.advance(some)
            run.advance(some)
            terms = run.advance(some)
            self.assertTrue(all(np.isfinite(v) for v in terms.values()) and {"l1", "grad", "d", "adv", "feat"} <= set(terms))
            run.save()
            again = train.Run(cfg, out)
            again.resume(os.path.join(out, "last.pt"))
            self.assertEqual(again.step, 3)
            for a, b in zip(run.g.parameters(), again.g.parameters(), strict=True):
                self.assertTrue(torch.equal(a, b))

    def test_a_frozen_encoder_stays_as_it_began(self) -> None:
        cfg = config()
        cfg["train"].update(bf16=False, frozen=True, perceptual=0, adversarial_from=9)
        with tempfile.TemporaryDirectory() as out:
            run = train.Run(cfg, out)
            before = copy.deepcopy((run.e.state_dict(), run.g.state_dict()))
            run.advance(augment.apply(np.random.default_rng(1), cfg["augment"], batch()))
            for name, value in run.e.state_dict().items():
                self.assertTrue(torch.equal(value, before[0][name]), name)
            self.assertFalse(torch.equal(run.g.head.weight, before[1]["head.weight"]))


class Mixing(unittest.TestCase):
    def test_halfway(self) -> None:
        with tempfile.TemporaryDirectory() as out:
            cfg = config()
            old, new = train.Run(cfg, out), train.Run({**cfg, "seed": 2}, out)
            mixed = mix.mix(old.state(), new.state(), 0.5)
            both = [r.mean.state_dict()["1.mix64.weight"] for r in (old, new)]
            again = train.Run(cfg, out)
            torch.save(mixed, os.path.join(out, "mixed.pt"))
            again.start(os.path.join(out, "mixed.pt"))
            for net in (again.g, again.mean[1]):
                self.assertTrue(torch.allclose(net.state_dict()["mix64.weight"], (both[0] + both[1]) / 2, atol=1e-6))


class Large(unittest.TestCase):
    """gioconda-l, at a small size."""

    def setUp(self) -> None:
        self.cfg = train.configure(CONFIG.replace("_s.yaml", "_l.yaml"))
        e, g, _ = train.build(self.cfg)
        assert isinstance(e, model_l.Encoder) and isinstance(g, model_l.Generator)
        self.e, self.g = e.eval(), g.eval()
        edge = 64
        rng = np.random.default_rng(1)
        self.picture = torch.from_numpy(rng.integers(16, 236, (2, edge * 3 // 2, edge), dtype=np.uint8))
        self.maps = torch.from_numpy(rng.integers(0, 256, (2, 7, edge // 2, edge // 2), dtype=np.uint8))
        self.video = model_l.VideoEncoder(self.e, edge), model_l.VideoGenerator(self.g, edge)

    def paint(self) -> torch.Tensor:
        e, g = self.video
        with torch.no_grad():
            return g(self.picture, self.maps, *e(self.picture, self.maps))

    def test_untrained_is_geometry_to_the_byte(self) -> None:
        self.assertTrue(torch.equal(self.paint(), self.picture))

    def test_trained_changes_the_mask_alone(self) -> None:
        torch.nn.init.normal_(self.g.head.weight, std=0.05)
        self.maps[:, data.MASK, :16] = 0
        out = self.paint()
        self.assertTrue(torch.equal(out[:, :32], self.picture[:, :32]))
        self.assertFalse(torch.equal(out[:, 32:64], self.picture[:, 32:64]))
        one = [t[:1] for t in (self.picture, self.maps)]
        e, g = self.video
        with torch.no_grad():
            alone = g(*one, *e(*one))
        self.assertLessEqual(int((alone.int() - out[:1].int()).abs().max()), 1)  # a batch changes nothing

    def test_packing_and_back(self) -> None:
        x = torch.rand(1, 3, 1, 1).expand(1, 3, 8, 8)
        self.assertLess(float((model_l.unpack(model_l.pack(x)) - x).abs().max()), 1e-4)

    def test_budget(self) -> None:
        def byte(*shape: int) -> torch.Tensor:
            return torch.zeros(shape, dtype=torch.uint8)

        e, g = model_l.VideoEncoder(self.e, 512), model_l.VideoGenerator(self.g, 512)
        picture, maps = byte(1, 768, 512), byte(1, 7, 256, 256)
        with torch.no_grad():
            cost = model.macs(g, picture, maps, *e(picture, maps)) / 1e9
        self.assertTrue(4 < cost < 20, cost)

    def test_export_uses_what_cuda_has(self) -> None:
        try:
            import onnx
            from onnx import checker

            import export
        except ModuleNotFoundError as e:
            raise testing.skipped(e) from None
        with tempfile.TemporaryDirectory() as out:
            export.large(self.cfg, self.e, self.g, 64, out)
            for name in ("head_encoder.onnx", "head_generator.onnx"):
                m = onnx.load(os.path.join(out, name))
                checker.check_model(m)
                self.assertLessEqual({n.op_type for n in m.graph.node}, CUDA, name)
                for port in [*m.graph.input, *m.graph.output]:
                    self.assertEqual(port.type.tensor_type.shape.dim[0].dim_param, "batch", port.name)


# Operators of ONNX Runtime's CUDA provider that the export may use; none of them works out shapes on the host.
CUDA = {"Add", "Cast", "Clip", "Concat", "Constant", "Conv", "DepthToSpace", "Gemm", "MatMul", "Mul", "ReduceMean", "Relu",
        "Reshape", "Resize", "Slice", "Softmax", "Split", "Sub", "Transpose", "Unsqueeze"}


class Pictures(unittest.TestCase):
    def test_flip_is_its_own_inverse(self) -> None:
        b = batch()
        b[2][:, data.YAW].clamp_(min=1)
        b[4][:, data.YAW].clamp_(min=1)
        which = torch.tensor([True, False])
        twice = augment.flip(augment.flip(b, which), which)
        self.assertTrue(all(torch.equal(x, y) for x, y in zip(b, twice, strict=True)))
        once = augment.flip(b, which)
        self.assertTrue(torch.equal(once[0][0], b[0][0].flip(2)) and torch.equal(once[0][1], b[0][1]))

    def test_augmented_stays_in_range(self) -> None:
        for seed in range(4):
            for t in augment.apply(np.random.default_rng(seed), config()["augment"], batch(4, seed)):
                self.assertTrue(float(t.min()) >= 0 and float(t.max()) <= 1)

    def test_measures(self) -> None:
        x = torch.rand(2, 3, 64, 64)
        self.assertAlmostEqual(float(report.ssim(x, x).mean()), 1, 4)
        self.assertLess(float(report.ssim(x, 1 - x).mean()), 0.2)
        maps = torch.zeros(2, 7, 64, 64)
        maps[:, data.MASK, 20:40, 20:40] = 1
        y = x.clone()
        y[:, :, :10] = 0
        self.assertEqual(float(report.measure(y, x, maps)["l1"].max()), 0)
        self.assertTrue(torch.equal(losses.within(maps, y, x)[:, :, 0], y[:, :, 0]))
        small, large = losses.patches(maps, 0.1)
        self.assertEqual((small.shape[2], large.shape[2]), (8, 64))

    def test_flat_brushwork(self) -> None:
        x = torch.full((1, 3, 16, 16), 0.3)
        self.assertTrue(torch.allclose(augment.kuwahara(x, 2), x, atol=1e-6))
        self.assertTrue(torch.allclose(augment.gauss(x, 1.2), x, atol=1e-6))


class Looks(unittest.TestCase):
    def setUp(self) -> None:
        if not os.path.isdir(perceptual.PACKAGE):
            self.skipTest(f"SKIPPED: {perceptual.PACKAGE} is missing; npm ci --prefix models installs it")

    def test_what_looks_alike_costs_less(self) -> None:
        net, rng = perceptual.Perceptual(), np.random.default_rng(1)
        x = augment.gauss(torch.from_numpy(rng.random((1, 3, 64, 64), dtype="f4")), 2)
        w = torch.ones(1, 1, 64, 64)
        darker, other = (x * 0.97).requires_grad_(True), x.flip(3)
        self.assertEqual(float(net(x, x, w)), 0)
        self.assertLess(float(net(darker, x, w)), 0.3 * float(net(other, x, w)))
        net(darker, x, w).backward()
        assert darker.grad is not None
        self.assertGreater(float(darker.grad.abs().sum()), 0)
        w[:, :, :, 32:] = 0
        half = x.clone()
        half[:, :, :, 56:] = 0  # out of sight, and out of reach of what is seen
        self.assertEqual(float(net(half, x, w)), 0)

    def test_missing_package_says_what_to_do(self) -> None:
        with self.assertRaisesRegex(SystemExit, "npm ci"):
            perceptual.Perceptual("/nonexistent")


if __name__ == "__main__":
    unittest.main()
