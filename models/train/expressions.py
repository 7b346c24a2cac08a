"""Random faces for rendered heads: weights of ICT-FaceKit's expression shapes."""
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from aliases import Array, Rng

if TYPE_CHECKING:
    from heads import Model

Setter = Callable[[str, float], None]  # of the weight of an expression by its name
Pose = tuple[Array, Array, Array]  # weights, tongue (lift and reach in cm), yaw, pitch and roll (radians)


def mouth(names: list[str], one: Setter, both: Setter, rng: Rng) -> None:
    """Sets a random mouth: wide open, a smile with teeth, a small opening, talk, a grimace, or a laugh."""
    kind = rng.integers(8)
    if kind == 0:  # wide open
        one("jawOpen", rng.uniform(0.5, 1))
        both("mouthSmile", rng.uniform(0, 0.6) * (rng.random() < 0.5))
        both("mouthUpperUp", rng.uniform(0, 0.6))
        both("mouthLowerDown", rng.uniform(0, 0.6))
    elif kind == 7:  # a laugh
        one("jawOpen", rng.uniform(0.15, 0.6))
        both("mouthSmile", rng.uniform(0.5, 1))
        both("mouthUpperUp", rng.uniform(0.3, 0.9))
        both("mouthLowerDown", rng.uniform(0, 0.6))
        both("cheekSquint", rng.uniform(0, 0.8))
    elif kind in (1, 6):  # a smile with teeth
        one("jawOpen", rng.uniform(0, 0.25))
        both("mouthSmile", rng.uniform(0.4, 1))
        both("mouthUpperUp", rng.uniform(0.2, 0.8))
        both("mouthLowerDown", rng.uniform(0.1, 0.8))
    elif kind == 2:  # barely open
        one("jawOpen", rng.uniform(0.03, 0.18))
        both("mouthUpperUp", rng.uniform(0, 0.35))
        both("mouthLowerDown", rng.uniform(0, 0.35))
        both("mouthSmile", rng.uniform(0, 0.4) * (rng.random() < 0.4))
    elif kind < 5:  # talk
        one("jawOpen", rng.uniform(0.1, 0.5))
        one("mouthFunnel", rng.uniform(0, 0.7) * (rng.random() < 0.4))
        both("mouthStretch", rng.uniform(0, 0.5))
        both("mouthUpperUp", rng.uniform(0, 0.4))
        both("mouthLowerDown", rng.uniform(0, 0.7))
    else:
        for name in rng.choice(names, 5):
            one(name, rng.uniform(0, 0.7))
        one("mouthClose", 0)


def face(m: Model, rng: Rng) -> Array:
    """Weights of a random face."""
    w = np.zeros(len(m.names))

    def one(name: str, v: float) -> None:
        w[m.names[name]] = v

    def both(name: str, v: float) -> None:
        for side in ("_L", "_R"):
            one(name + side, v * rng.uniform(0.85, 1.15))

    mouth([n for n in m.names if n.startswith(("mouth", "jaw"))], one, both, rng)
    lids = rng.random()
    both("eyeBlink", 1.25 if lids < 0.25 else rng.uniform(0, 1) * (lids < 0.5))
    both("eyeSquint", rng.uniform(0, 0.8) * (rng.random() < 0.25))
    both("eyeWide", rng.uniform(0, 0.8) * (lids > 0.85))
    both("browInnerUp", rng.uniform(0, 0.6) * (rng.random() < 0.4))
    both("browDown", rng.uniform(0, 0.6) * (rng.random() < 0.2))
    side, tilt = rng.uniform(-0.6, 0.6, 2) * (rng.random() < 0.6)
    for s, sign in (("_L", 1), ("_R", -1)):
        one("eyeLookOut" + s, max(0, sign * side))
        one("eyeLookIn" + s, max(0, -sign * side))
        one("eyeLookUp" + s, max(0, tilt))
        one("eyeLookDown" + s, max(0, -tilt))
    return w


def expressions(m: Model, rng: Rng, frames: int) -> list[Pose]:
    """Weights, tongue and head turn of each frame of a clip: at rest, then from one random face to the next."""
    keys = [(np.zeros(len(m.names)), np.zeros(2), np.zeros(3))]
    for _ in range((frames - 3) // 3 + 1):
        tongue = rng.uniform([0, -0.3], [0.6, 1.0]) * (rng.random() < 0.5)
        keys.append((face(m, rng), tongue, rng.normal(0, 1, 3) * [0.25, 0.11, 0.07]))
    out = [keys[0]] * 3
    for a, b in itertools.pairwise(keys):
        for f in (1 / 3, 2 / 3, 1):
            out.append((a[0] * (1 - f) + b[0] * f, a[1] * (1 - f) + b[1] * f, a[2] * (1 - f) + b[2] * f))
    return out[:frames]
