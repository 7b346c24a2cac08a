#!/usr/bin/env python3
"""Render clips of people who do not exist.   heads.py ICT_FACE.npz --out DIR [--people N] [--frames N]

A light version of ICT-FaceKit (MIT) with random identity, skin, light, expression and head turn, in plain numpy:
what open clips lack is wide mouths with a true inside, and turned heads. The clips (lossless) then go through
`gioconda dataset` like any other footage; their landmarks, known exactly, lie beside them.
"""
from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
import subprocess
from collections.abc import Mapping

import numpy as np

import logs
from aliases import Array, Rng
from expressions import expressions

log = logging.getLogger("heads")

# Vertex ranges of the model; GUMS include the tongue.
PARTS = {"face": (0, 9409), "head": (9409, 11248), "socket": (11248, 13294), "gums": (14062, 17039), "teeth": (17039, 21451),
         "eyes": (21451, 24591)}
# Where the tracker's landmarks lie on the model: three vertices and their weights each (fit_landmarks.py).
SPOTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ict_landmarks.json")
LAST = 24591  # tear film, lashes and other sheets that would need transparency come after it


def landmarks(z: Mapping[str, Array]) -> Array:
    """The model's own 68 landmarks: vertices."""
    return np.array(json.loads(str(z["vertex_indices"]))["idx_to_landmark_verts"])


def inside(points: Array, ring: Array) -> Array:
    """Which points lie inside a closed ring, both in 2D."""
    hit = np.zeros(len(points), bool)
    p = ring[-1]
    for q in ring:
        cross = ((p[1] <= points[:, 1]) != (q[1] <= points[:, 1]))
        with np.errstate(divide="ignore", invalid="ignore"):
            x = p[0] + (q[0] - p[0]) * (points[:, 1] - p[1]) / (q[1] - p[1])
        hit ^= cross & (points[:, 0] < x)
        p = q
    return hit


def to_ring(points: Array, ring: Array) -> Array:
    """Distance of 2D points to a closed ring."""
    best = np.full(len(points), 1e9)
    p = ring[-1]
    for q in ring:
        d = q - p
        t = np.clip(((points - p) @ d) / max(d @ d, 1e-9), 0, 1)
        best = np.minimum(best, np.linalg.norm(points - p - t[:, None] * d, axis=1))
        p = q
    return best


def ramp(lo: float, hi: float, x: Array) -> Array:
    """0 up to lo, 1 from hi on, smooth between; lo may be the larger one."""
    t = np.clip((x - lo) / (hi - lo), 0, 1)
    return t * t * (3 - 2 * t)


class Model:
    """The face model with what its vertices are: skin, lips, teeth and the rest, as weights 0..1 of each."""

    def __init__(self, path: str) -> None:
        z = np.load(path)
        self.neutral = z["neutral"].astype(np.float32)
        self.identity = z["identity"].astype(np.float32)
        self.expression = z["expression"].astype(np.float32)
        self.names = {str(n): i for i, n in enumerate(z["expression_names"])}
        quads = z["faces"]
        quads = quads[(quads < LAST).all(1)]
        # A triangle is a quad whose last corner is -1.
        self.tris = np.concatenate([quads[:, [0, 1, 2]], quads[quads[:, 3] >= 0][:, [0, 2, 3]]])
        marks = landmarks(z)
        v = self.neutral
        flat = v[:, :2]
        n = len(v)
        face = np.arange(n) < PARTS["face"][1]
        outer = flat[marks[48:60]]
        self.lips = np.where(face, ramp(0.25, -0.1, np.where(inside(flat, outer), -1, 1) * to_ring(flat, outer)), 0)
        self.lips *= v[:, 2] > v[marks[48], 2] - 1.5
        self.brow = np.zeros(n)
        for side in (marks[17:22], marks[22:27]):
            line = flat[side] + [0, 0.15]
            self.brow = np.maximum(self.brow, np.where(face, ramp(0.55, 0.15, to_ring(flat, line)), 0))
        self.lash = np.zeros(n)
        for eye in (marks[36:42], marks[42:48]):
            self.lash = np.maximum(self.lash, np.where(face, ramp(0.22, 0.06, to_ring(flat, flat[eye])), 0))
        ids = np.arange(n)
        self.part = {k: (ids >= r[0]) & (ids < r[1]) for k, r in PARTS.items()}
        opening = np.linalg.norm(self.expression[self.names["jawOpen"]], axis=1)
        bite = self.part["teeth"] | self.part["gums"]
        self.upper = bite & (opening < 0.3 * opening[self.part["teeth"]].max())  # what the jaw does not take along
        lips = v[marks[60:68]].mean(0)
        self.tongue = np.where(self.part["gums"] & (v[:, 1] > lips[1] - 1.1) & (v[:, 1] < lips[1] + 0.6),
                               ramp(1.7, 1.0, np.abs(v[:, 0])) * ramp(lips[2] - 0.9, lips[2] - 1.6, v[:, 2]), 0)
        nose_y = flat[marks[33], 1]
        self.beard = np.where(face, ramp(nose_y + 0.4, nose_y - 2.2, flat[:, 1] + 0.5 * np.abs(flat[:, 0]) - 1), 0)
        self.beard *= (1 - self.lips) * ramp(-2.0, 1.0, v[:, 2])
        brow_y = flat[marks[17:27], 1].max()
        self.hair = ramp(brow_y + 3.0, brow_y + 4.5, flat[:, 1] + 0.35 * np.maximum(3 - v[:, 2], 0))
        self.marks = marks
        self.spots = None
        if os.path.exists(SPOTS):  # it does not while fit_landmarks.py makes it
            with open(SPOTS) as f:
                spots = json.load(f)
            self.spots, self.spot_weights = np.array(spots["vertices"]), np.array(spots["weights"])


def normals(v: Array, tris: Array) -> Array:
    a, b, c = v[tris[:, 0]], v[tris[:, 1]], v[tris[:, 2]]
    f = np.cross(b - a, c - a)
    out = np.zeros_like(v)
    for k in range(3):
        for axis in range(3):
            out[:, axis] += np.bincount(tris[:, k], f[:, axis], len(v))
    return out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-9)


def rasterise(p: Array, tris: Array, size: int) -> tuple[Array, Array]:
    """Nearest triangle and barycentric weights of each pixel. p: x, y in pixels, z towards the viewer."""
    a, b, c = p[tris[:, 0]], p[tris[:, 1]], p[tris[:, 2]]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    lo = np.floor(np.minimum(np.minimum(a, b), c)[:, :2] - 0.5).astype(int)
    hi = np.ceil(np.maximum(np.maximum(a, b), c)[:, :2] - 0.5).astype(int)
    ok = (np.abs(area) > 1e-6) & (hi >= 0).all(1) & (lo < size).all(1)
    span = (hi - lo + 1).max(1)
    zbuf, which = np.full(size * size, -np.inf, np.float32), np.full(size * size, -1)
    bary = np.zeros((size * size, 2), np.float32)
    steps = (0, 3, 4, 5, 6, 8, 10, 13, 17, 25, 40, 80, 257)
    for n0, n in itertools.pairwise(steps):
        ids = np.nonzero(ok & (span > n0) & (span <= n))[0]
        step = max(1, 3_000_000 // (n * n))
        for at in range(0, len(ids), step):
            t = ids[at:at + step]
            gy, gx = np.divmod(np.arange(n * n), n)
            x = lo[t, 0, None] + gx + 0.5
            y = lo[t, 1, None] + gy + 0.5
            w1 = ((x - a[t, 0, None]) * (c[t, 1] - a[t, 1])[:, None] - (y - a[t, 1, None]) * (c[t, 0] - a[t, 0])[:, None]) / area[t, None]
            w2 = ((b[t, 0] - a[t, 0])[:, None] * (y - a[t, 1, None]) - (b[t, 1] - a[t, 1])[:, None] * (x - a[t, 0, None])) / area[t, None]
            hit = (w1 >= 0) & (w2 >= 0) & (w1 + w2 <= 1) & (x > 0) & (y > 0) & (x < size) & (y < size)
            r, k = np.nonzero(hit)
            w1, w2 = w1[r, k], w2[r, k]
            tr = t[r]
            z = a[tr, 2] * (1 - w1 - w2) + b[tr, 2] * w1 + c[tr, 2] * w2
            at_px = (y[r, k].astype(int) * size + x[r, k].astype(int))
            order = np.argsort(z, kind="stable")
            at_px, z, tr, w1, w2 = at_px[order], z[order], tr[order], w1[order], w2[order]
            best = np.full(size * size, -1)
            best[at_px] = np.arange(len(order))  # the last one written is the nearest
            px = np.nonzero(best >= 0)[0]
            i = best[px]
            won = z[i] > zbuf[px]
            px, i = px[won], i[won]
            zbuf[px], which[px] = z[i], tr[i]
            bary[px, 0], bary[px, 1] = w1[i], w2[i]
    return which, bary


class Person:
    """Looks and light of one clip."""

    def __init__(self, m: Model, rng: Rng) -> None:
        self.m, self.rng = m, rng
        self.shape = m.neutral + np.tensordot(rng.normal(0, 0.9, 100).astype("f4"), m.identity, 1)
        # The model's upper teeth hide behind the lip; those of most people show when the mouth opens.
        self.shape[m.upper, 1] -= rng.uniform(0.05, 0.4)
        dark = rng.random()
        skin = (1 - dark) * np.array([0.88, 0.68, 0.58]) + dark * np.array([0.30, 0.19, 0.14])
        skin *= rng.uniform(0.85, 1.1) * (1 + rng.normal(0, 0.04, 3))
        lip = skin * np.array([0.92, 0.62, 0.62]) * rng.uniform(0.75, 1.05)
        hair = np.array([0.25, 0.17, 0.11]) * rng.uniform(0.1, 2.2)
        tooth = np.array([0.94, 0.94 - rng.uniform(0.02, 0.07), 0.94 - rng.uniform(0.06, 0.22)]) * rng.uniform(0.75, 1.02)
        n = len(m.neutral)
        col = np.tile(skin, (n, 1))

        def mix(col: Array, c: Array, w: Array) -> Array:
            return col + (c - col) * w[:, None]

        col *= 1 + 0.04 * np.sin(m.neutral @ rng.normal(0, 0.7, (3, 1)))
        col = mix(col, lip, m.lips)
        col = mix(col, hair, m.brow * rng.uniform(0.3, 0.85))
        if rng.random() < 0.35:
            col = mix(col, hair * 0.8, m.beard * rng.uniform(0.15, 0.7))
        col = mix(col, hair, m.hair)
        col = mix(col, hair * 0.6, m.lash * rng.uniform(0.35, 0.95))
        part = m.part
        flesh = np.array([0.75, 0.40, 0.38]) * rng.uniform(0.6, 1.05, 2)[[0, 1, 1]] ** [0.3, 1, 1]
        col[part["socket"]] = skin * [0.55, 0.25, 0.25]
        col[part["gums"]] = flesh
        col = mix(col, flesh * rng.uniform([0.95, 0.9], [1.15, 1.2])[[0, 1, 1]], m.tongue)
        col[part["teeth"]] = tooth
        col[part["eyes"]] = np.array([0.86, 0.84, 0.82]) * rng.uniform(0.75, 1.05)
        self.gloss = np.full(n, 0.12 * rng.uniform(0.2, 1.5))
        self.gloss += 0.25 * m.lips
        self.gloss[part["teeth"]], self.gloss[part["gums"]], self.gloss[part["eyes"]] = rng.uniform(0.1, 0.45), 0.3, 0.6
        iris = rng.uniform(0.05, 0.5, 3)
        for lo, hi in ((21451, 23021), (23021, 24591)):
            v = m.neutral[lo:hi]
            centre = (v.min(0) + v.max(0)) / 2
            d = np.linalg.norm((v - centre)[:, :2], axis=1)
            front = v[:, 2] > centre[2]
            w = np.where(front, ramp(0.66, 0.56, d), 0)
            col[lo:hi] = col[lo:hi] + (iris - col[lo:hi]) * w[:, None]
            col[lo:hi] *= np.where(front & (d < 0.27), 0.05, 1)[:, None]
        self.inside = part["socket"] | part["gums"] | part["teeth"]
        self.depth, self.darkest = rng.uniform(1.3, 3.5), rng.uniform(0.04, 0.22)  # of light between the lips
        self.colour = col
        light = np.array([rng.uniform(-1, 1), rng.uniform(-0.1, 0.9), rng.uniform(0.6, 1.5)])
        self.light = light / np.linalg.norm(light)
        self.power = rng.uniform(0.35, 1.1)  # low key and bright
        warm = rng.normal(0, 0.07)
        self.tone = np.array([1 + warm, 1 + rng.normal(0, 0.012), 1 - warm])
        self.ambient = rng.uniform(0.25, 0.6)
        self.pores = rng.normal(0, 1, (6, 3)) * rng.uniform(3, 12, (6, 1))
        self.phase = rng.uniform(0, 6.28, 6)
        self.grain = rng.uniform(0.01, 0.035)
        self.back = rng.uniform(0.1, 0.9, 3), rng.uniform(0.1, 0.9, 3)
        self.zoom = rng.uniform(0.9, 1.15)

    def pose(self, weights: Array, tongue: Array, turn: Array, size: int) -> tuple[Array, Array, Array]:
        """Vertices in the head's own frame and turned, both in the model's cm, and as seen: x, y in pixels, z towards the viewer in cm.

        tongue: how far it is lifted and put forward (cm); turn: yaw, pitch, roll (radians)."""
        m = self.m
        v = self.shape + np.tensordot(weights.astype("f4"), m.expression, 1)
        v = v + m.tongue[:, None] * np.array([0, tongue[0], tongue[1]])
        yaw, pitch, roll = turn
        cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
        rot = (np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]) @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
               @ np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]]))
        turned = (v - [0, -2, -2]) @ rot.T + [0, -2, -2]
        k = size / 29 * self.zoom * 80 / (80 - turned[:, 2])  # perspective from 80 cm
        p = np.stack([size / 2 + turned[:, 0] * k, size * 0.42 - turned[:, 1] * k, turned[:, 2]], 1)
        return v, turned, p

    def landmarks(self, p: Array, size: int) -> Array:
        """The tracker's landmarks from vertices as seen: x, y, z in units of the picture's width."""
        at = (p[self.m.spots] * self.m.spot_weights[:, :, None]).sum(1)
        return at * [1 / size, 1 / size, -self.zoom / 29]

    def frame(self, posed: tuple[Array, Array, Array], size: int, scale: int = 1) -> Array:
        """An image of size x size from what pose returned for size * scale."""
        m = self.m
        v, turned, p = posed
        s = size * scale
        # How deep behind the lips, in the head's own frame: light gets lost there.
        lips_z = v[m.marks[60:68], 2].mean()
        shade = np.where(self.inside, np.clip(np.exp(-np.maximum(lips_z - v[:, 2] - 0.2, 0) / self.depth), self.darkest, 1), 1)
        upper = v[m.marks[61:64], 1].mean()
        shade = np.where(self.inside, shade * (0.65 + 0.35 * ramp(0.0, 0.6, upper - v[:, 1])), shade)
        nrm = normals(turned, m.tris)
        nearer = p.copy()
        nearer[m.part["eyes"], 2] -= 0.3  # a lid that random bones put under its eyeball still covers it
        which, bary = rasterise(nearer, self.visible(p), s)
        seen = np.nonzero(which >= 0)[0]
        t = self.shown[which[seen]]
        w = np.stack([1 - bary[seen].sum(1), bary[seen, 0], bary[seen, 1]], 1)[:, :, None]

        def at(x: Array) -> Array:
            return (x[t] * w).sum(1)

        n = at(nrm)
        n /= np.linalg.norm(n, axis=1, keepdims=True) + 1e-9
        n[n[:, 2] < 0] *= -1
        col = at(self.colour)
        body = at(m.neutral)
        pores = np.sin(body @ self.pores.T + self.phase).prod(1)[:, None]
        dull = at(self.inside.astype("f4")[:, None])
        col = col * (1 + self.grain * 4 * pores * (1 - dull))
        lam = np.clip(n @ self.light * 0.85 + 0.15, 0, 1)[:, None]
        half = self.light + np.array([0, 0, 1])
        half = half / np.linalg.norm(half)
        spec = np.clip(n @ half, 0, 1)[:, None] ** 40 * at(self.gloss[:, None])
        lit = self.power * (col * (self.ambient + (1.15 - self.ambient) * lam) * self.tone + spec * 0.8) * at(shade[:, None])
        img = np.zeros((s * s, 3), np.float32)
        down, up = np.linspace(0, 1, s)[:, None, None], np.linspace(1, 0, s)[:, None, None]
        img[:] = (down * self.back[0] + up * self.back[1]).repeat(s, 1).reshape(-1, 3)
        img[seen] = lit
        img = img.reshape(size, scale, size, scale, 3).mean((1, 3))
        img = np.clip(img, 0, 1) ** (1 / 1.3)
        return (img * 255 + 0.5).astype(np.uint8)

    def visible(self, p: Array) -> Array:
        """Triangles worth drawing: skin that faces the viewer, and of the mouth's inside what lies behind the lips."""
        m, t = self.m, self.m.tris
        a, b, c = p[t[:, 0], :2], p[t[:, 1], :2], p[t[:, 2], :2]
        front = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]) < 0
        ring = p[m.marks[60:68], :2]
        x0, y0, x1, y1 = *(ring.min(0) - 6), *(ring.max(0) + 6)
        low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
        behind = (high[:, 0] > x0) & (low[:, 0] < x1) & (high[:, 1] > y0) & (low[:, 1] < y1)
        self.shown = t[np.where(self.inside[t[:, 0]], behind, front)]
        return self.shown


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("model")
    p.add_argument("--out", required=True, help="clips are written to OUT/video")
    p.add_argument("--people", type=int, default=48)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--frames", type=int, default=21)
    p.add_argument("--size", type=int, default=512)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    logs.to_stdout()
    m = Model(a.model)
    os.makedirs(os.path.join(a.out, "video"), exist_ok=True)
    for k in range(a.first, a.first + a.people):
        rng = np.random.default_rng([a.seed, k])
        person = Person(m, rng)
        path = os.path.join(a.out, "video", f"head{k:03d}__rendered.mkv")
        part = path[:-4] + ".part.mkv"
        cmd = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{a.size}x{a.size}", "-r", "25",
               "-i", "-", "-c:v", "ffv1", "-pix_fmt", "yuv444p", part]
        with subprocess.Popen(cmd, stdin=subprocess.PIPE) as enc:
            assert enc.stdin is not None
            marks = []
            for weights, tongue, turn in expressions(m, rng, a.frames):
                posed = person.pose(weights, tongue, turn, a.size)
                enc.stdin.write(person.frame(posed, a.size).tobytes())
                if m.spots is not None:
                    marks.append(person.landmarks(posed[2], a.size).ravel().round(5).tolist())
            enc.stdin.close()
        if marks:
            with open(path + ".landmarks.json", "w") as f:
                json.dump({"frames": marks}, f)
        os.replace(part, path)
        log.info("%s", path)


if __name__ == "__main__":
    main()
