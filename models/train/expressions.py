"""Random faces for rendered heads: weights of ICT-FaceKit's expression shapes."""
import numpy as np


def mouth(w, set, both, rng):
    """Sets a random mouth: wide open, a smile with teeth, a small opening, talk, a grimace, or a laugh."""
    kind = rng.integers(8)
    if kind == 0:  # wide open
        set("jawOpen", rng.uniform(0.5, 1))
        both("mouthSmile", rng.uniform(0, 0.6) * (rng.random() < 0.5))
        both("mouthUpperUp", rng.uniform(0, 0.6))
        both("mouthLowerDown", rng.uniform(0, 0.6))
    elif kind == 7:  # a laugh
        set("jawOpen", rng.uniform(0.15, 0.6))
        both("mouthSmile", rng.uniform(0.5, 1))
        both("mouthUpperUp", rng.uniform(0.3, 0.9))
        both("mouthLowerDown", rng.uniform(0, 0.6))
        both("cheekSquint", rng.uniform(0, 0.8))
    elif kind in (1, 6):  # a smile with teeth
        set("jawOpen", rng.uniform(0, 0.25))
        both("mouthSmile", rng.uniform(0.4, 1))
        both("mouthUpperUp", rng.uniform(0.2, 0.8))
        both("mouthLowerDown", rng.uniform(0.1, 0.8))
    elif kind == 2:  # barely open
        set("jawOpen", rng.uniform(0.03, 0.18))
        both("mouthUpperUp", rng.uniform(0, 0.35))
        both("mouthLowerDown", rng.uniform(0, 0.35))
        both("mouthSmile", rng.uniform(0, 0.4) * (rng.random() < 0.4))
    elif kind < 5:  # talk
        set("jawOpen", rng.uniform(0.1, 0.5))
        set("mouthFunnel", rng.uniform(0, 0.7) * (rng.random() < 0.4))
        both("mouthStretch", rng.uniform(0, 0.5))
        both("mouthUpperUp", rng.uniform(0, 0.4))
        both("mouthLowerDown", rng.uniform(0, 0.7))
    else:
        for name in rng.choice(w, 5):
            set(name, rng.uniform(0, 0.7))
        set("mouthClose", 0)


def face(m, rng):
    """Weights of a random face."""
    w = np.zeros(len(m.names))
    set = lambda name, v: w.__setitem__(m.names[name], v)
    both = lambda name, v: [set(name + s, v * rng.uniform(0.85, 1.15)) for s in ("_L", "_R")]
    mouth([n for n in m.names if n.startswith(("mouth", "jaw"))], set, both, rng)
    lids = rng.random()
    both("eyeBlink", 1.25 if lids < 0.25 else rng.uniform(0, 1) * (lids < 0.5))
    both("eyeSquint", rng.uniform(0, 0.8) * (rng.random() < 0.25))
    both("eyeWide", rng.uniform(0, 0.8) * (lids > 0.85))
    both("browInnerUp", rng.uniform(0, 0.6) * (rng.random() < 0.4))
    both("browDown", rng.uniform(0, 0.6) * (rng.random() < 0.2))
    side, tilt = rng.uniform(-0.6, 0.6, 2) * (rng.random() < 0.6)
    for s, sign in (("_L", 1), ("_R", -1)):
        set("eyeLookOut" + s, max(0, sign * side))
        set("eyeLookIn" + s, max(0, -sign * side))
        set("eyeLookUp" + s, max(0, tilt))
        set("eyeLookDown" + s, max(0, -tilt))
    return w


def expressions(m, rng, frames):
    """Weights, tongue and head turn of each frame of a clip: at rest, then from one random face to the next."""
    keys = [(np.zeros(len(m.names)), np.zeros(2), np.zeros(3))]
    for _ in range((frames - 3) // 3 + 1):
        tongue = rng.uniform([0, -0.3], [0.6, 1.0]) * (rng.random() < 0.5)
        keys.append((face(m, rng), tongue, rng.normal(0, 1, 3) * [0.25, 0.11, 0.07]))
    out = [keys[0]] * 3
    for a, b in zip(keys, keys[1:]):
        for f in (1 / 3, 2 / 3, 1):
            out.append(tuple(x * (1 - f) + y * f for x, y in zip(a, b)))
    return out[:frames]
