#!/usr/bin/env python3
"""Tests of the rendered heads, which need numpy alone: python3 models/train/test_heads.py"""
from __future__ import annotations

import unittest
from types import SimpleNamespace

import testing

try:
    import numpy as np

    import expressions
    import fit_landmarks
    import heads
    from aliases import Array
except ModuleNotFoundError as e:
    raise testing.skipped(e) from None


class Renderer(unittest.TestCase):
    def test_nearest_triangle_wins(self) -> None:
        p = np.array([[0, 0, 0], [40, 0, 0], [0, 40, 0], [0, 0, 1], [10, 0, 1], [0, 10, 1]], float)
        which, bary = heads.rasterise(p, np.array([[0, 1, 2], [3, 4, 5]]), 32)
        which = which.reshape(32, 32)
        self.assertEqual((which[2, 2], which[20, 5], which[31, 31]), (1, 0, -1))
        self.assertTrue((bary >= -1e-6).all() and (bary.sum(1) <= 1 + 1e-6).all())

    def test_ring(self) -> None:
        ring = np.array([[0, 0], [4, 0], [4, 4], [0, 4]], float)
        points = np.array([[2, 2], [6, 2]], float)
        self.assertEqual(heads.inside(points, ring).tolist(), [True, False])
        self.assertTrue(np.allclose(heads.to_ring(points, ring), [2, 2]))


class Faces(unittest.TestCase):
    """Random expressions, of a model that knows only their names."""

    NAMES = ("jawOpen jawForward mouthFunnel mouthClose mouthSmile_L mouthSmile_R mouthUpperUp_L mouthUpperUp_R mouthLowerDown_L "
             "mouthLowerDown_R mouthStretch_L mouthStretch_R cheekSquint_L cheekSquint_R eyeBlink_L eyeBlink_R eyeSquint_L "
             "eyeSquint_R eyeWide_L eyeWide_R browInnerUp_L browInnerUp_R browDown_L browDown_R eyeLookOut_L eyeLookOut_R eyeLookIn_L "
             "eyeLookIn_R eyeLookUp_L eyeLookUp_R eyeLookDown_L eyeLookDown_R")

    def clip(self, seed: int, frames: int) -> list[tuple[Array, Array, Array]]:
        m = SimpleNamespace(names={name: i for i, name in enumerate(self.NAMES.split())})
        return expressions.expressions(m, np.random.default_rng(seed), frames)  # type: ignore[arg-type]

    def test_a_clip_begins_at_rest_and_moves_evenly(self) -> None:
        for frames in (3, 9, 21):
            clip = self.clip(1, frames)
            self.assertEqual(len(clip), frames)
            for weights, tongue, turn in clip[:3]:
                self.assertEqual(float(np.abs(weights).sum() + np.abs(tongue).sum() + np.abs(turn).sum()), 0)
        weights = [w for w, _, _ in self.clip(1, 9)]
        for first in (2, 5):  # three equal steps from one face to the next
            steps = np.diff(weights[first:first + 4], axis=0)
            self.assertTrue(np.allclose(steps, steps[0]) and np.abs(steps).max() > 0.01)

    def test_weights_stay_in_reach_and_the_seed_decides(self) -> None:
        for seed in range(20):
            some = np.array([w for w, _, _ in self.clip(seed, 21)])
            self.assertTrue((some >= 0).all() and (some <= 1.5).all(), seed)
            self.assertTrue(np.array_equal(some, [w for w, _, _ in self.clip(seed, 21)]))
        self.assertFalse(np.array_equal(self.clip(1, 21)[-1][0], self.clip(2, 21)[-1][0]))


class Fitting(unittest.TestCase):
    def test_the_spot_is_found_between_the_vertices(self) -> None:
        tris = np.array([[0, 1, 2], [1, 3, 2]])
        corners = np.array([[0, 0], [8, 0], [0, 8], [8, 8]], float)
        p = np.stack([corners, corners + 5, corners * 1.5])  # three frames
        truth = 0.5 * p[:, 1] + 0.25 * p[:, 3] + 0.25 * p[:, 2]
        cost, vertices, weights = fit_landmarks.refine(truth, p, 1, tris, np.full(3, 1 / 3))
        self.assertAlmostEqual(cost, 0)
        self.assertTrue(np.allclose((p[:, vertices] * np.array(weights)[:, None]).sum(1), truth))


if __name__ == "__main__":
    unittest.main()
