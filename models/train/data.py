"""Samples written by `gioconda dataset`, and balanced batches of them.

Everything geometric (alignment, maps) was done by the Go code that also serves; nothing of it is repeated here.
"""
from __future__ import annotations

import json
import os
from collections.abc import Sequence

import numpy as np
import torch

from aliases import Array, Batch, Config, Entry, Pick, Rng

# The order of the map planes, as package portrait draws them.
INNER, OUTER, MASK, UPPER, LOWER, YAW, PITCH = range(7)

# One network serves both eyes: the right one is seen in a mirror.
REGIONS = {"eyes": ["eye_left", "eye_right"]}


class Folder:
    """One region of an output folder of `gioconda dataset`."""

    def __init__(self, path: str, region: str) -> None:
        with open(os.path.join(path, "index.json")) as f:
            index = json.load(f)
        found = [r for r in index["regions"] if r["name"] == region]
        if not found:
            raise SystemExit(f"{path} has no region {region}")
        self.region, maps = found[0], index["maps"]
        edge = self.region["edge"]
        self.path, self.sources, self.samples = path, index["sources"], index["samples"]

        def open_records(kind: str, planes: int, count: int) -> Array:
            name = os.path.join(path, region + kind)
            return np.memmap(name, np.uint8, "r", shape=(count, planes, edge, edge))

        # The index may be older than the records while a data set is still being made.
        self.sample_data = open_records(".samples", 6 + maps, len(self.samples))
        self.source_data = open_records(".sources", 3 + maps, len(self.sources))

    def get(self, k: int) -> tuple[Array, Array]:
        """Geometric picture + truth + maps, portrait + maps: uint8."""
        return self.sample_data[k], self.source_data[self.samples[k]["source"]]

    def crispness(self, source: int) -> float:
        return crispness(self.source_data[source][:3])

    def misfit(self, k: int) -> float:
        """How far geometry is off around the opening, which it should know: landmarks that were wrong, mostly."""
        x = self.sample_data[k][:, ::2, ::2].astype(np.float32)
        ring = np.maximum(x[6 + OUTER] - x[6 + INNER], 0)
        return float((np.abs(x[:3] - x[3:6]).mean(0) * ring).sum() / (ring.sum() + 1))


class HeadFolder:
    """Whole heads of an output folder, as R, G, B: squares of crop pixels around the face, or, with crop 0, all of it.

    The portrait comes at half its size, which is what the encoder of gioconda-l sees."""

    def __init__(self, path: str, crop: int) -> None:
        with open(os.path.join(path, "index.json")) as f:
            index = json.load(f)
        self.region = next(r for r in index["regions"] if r["name"] == "head")
        self.path, self.sources, self.crop = path, index["sources"], crop
        self.samples = [s for s in index["samples"] if s.get("head")]
        e, m = self.region["edge"], index["maps"]
        self.edge, self.picture, self.maps = e, e * e * 3 // 2, m

        def shape(n: int, pictures: int) -> tuple[int, int]:
            return n, pictures * self.picture + m * e * e // 4

        self.sample_data = np.memmap(os.path.join(path, "head.samples"), np.uint8, "r", shape=shape(len(self.samples), 2))
        self.source_data = np.memmap(os.path.join(path, "head.sources"), np.uint8, "r", shape=shape(len(self.sources), 1))

    def colours(self, planes: Array, top: int, left: int, size: int) -> Array:
        e = self.edge

        def part(at: int, e: int, k: int) -> Array:
            return planes[at:at + e * e].reshape(e, e)[top // k:(top + size) // k, left // k:(left + size) // k]

        y = (part(0, e, 1).astype(np.float32) - 16) / 219
        u, v = ((part(e * e * n // 4, e // 2, 2).astype(np.float32).repeat(2, 0).repeat(2, 1) - 128) / 224 for n in (4, 5))
        rgb = np.stack([y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u])
        return (rgb.clip(0, 1) * 255 + 0.5).astype(np.uint8)

    def get(self, k: int) -> tuple[Array, Array]:
        record, e = self.sample_data[self.samples[k]["head"] - 1], self.edge
        maps = record[2 * self.picture:].reshape(self.maps, e // 2, e // 2)
        size, top, left = self.crop or e, 0, 0
        if self.crop:  # the mouth or an eye three times in four, else anywhere in the mask
            ys, xs = np.nonzero(maps[INNER if np.random.random() < 0.75 else MASK] > 128)
            n = np.random.randint(len(ys)) if len(ys) else 0
            y, x = (int(ys[n]), int(xs[n])) if len(ys) else (e // 4, e // 4)
            jitter = np.random.randint(-size // 6, size // 6 + 1, 2)
            top, left = (int(np.clip(2 * v + j - size // 2, 0, e - size)) // 16 * 16 for v, j in zip((y, x), jitter, strict=True))
        cut = maps[:, top // 2:(top + size) // 2, left // 2:(left + size) // 2].repeat(2, 1).repeat(2, 2)
        sample = np.concatenate([self.colours(record[n * self.picture:], top, left, size) for n in (0, 1)] + [cut])
        source = self.source_data[self.samples[k]["source"]]
        rgb = self.colours(source, 0, 0, e).reshape(3, e // 2, 2, e // 2, 2).mean((2, 4)).astype(np.uint8)
        return sample, np.concatenate([rgb, source[self.picture:].reshape(self.maps, e // 2, e // 2)])

    def crispness(self, source: int) -> float:
        return crispness(self.colours(self.source_data[source], 128, 128, 256))


def crispness(picture: Array) -> float:
    """How much of a picture's contrast is fine: the share of its variance that a 3x3 mean takes away."""
    x = picture.astype(np.float32).mean(0)
    soft = sum(x[i:i + x.shape[0] - 2, j:j + x.shape[1] - 2] for i in range(3) for j in range(3)) / 9
    return float(((x[1:-1, 1:-1] - soft) ** 2).mean() / (x.var() + 1))


def number(person: str) -> int:
    """The number in a person's name; by it people in pairs are held out, whichever of them are there yet."""
    return int("".join(c for c in person if c.isdigit()) or 0)


def kind_of(source: Entry) -> str:
    """closed: the smile of a pair with its mouth shut by the geometric layer, driven back to itself."""
    if source.get("still"):
        return "closed" if source.get("closed") else "pairs"
    return "heads" if source["person"].startswith("head") else "video"


class Samples:
    """All folders, split by person."""

    def __init__(self, paths: Sequence[str], cfg: Config, training: bool) -> None:
        region, held_out, held_out_every = cfg["region"], cfg["held_out"], cfg["held_out_every"]
        if region == "head":
            self.folders = [HeadFolder(p, cfg["train"]["crop"] if training else 0) for p in paths]
        else:
            self.folders = [Folder(p, name) for p in paths for name in REGIONS.get(region, [region])]
        self.tree = {}  # kind -> person -> source -> [(folder, sample)]
        self.flat = []
        crisp = {}
        for n, f in enumerate(self.folders):
            for k, s in enumerate(f.samples):
                src = f.sources[s["source"]]
                person = src["person"]
                held = person in held_out or bool(src.get("still") and number(person) % held_out_every == 0)
                if held == training:
                    continue
                kind = kind_of(src)
                people = self.tree.setdefault(kind, {})
                people.setdefault(person, {}).setdefault((n, s["source"]), []).append((n, k))
                if (n, s["source"]) not in crisp:
                    crisp[n, s["source"]] = f.crispness(s["source"])
                self.flat.append((kind, n, k))
        if training and region != "head":
            self.drop_misfits(cfg["train"]["misfits"])
        self.names, self.weight, self.next = {}, {}, {}
        for kind, people in self.tree.items():
            self.names[kind] = sorted(people)
            w = np.array([np.mean([crisp[s] for s in people[p]]) for p in self.names[kind]])
            self.weight[kind] = np.clip(w / np.median(w), 0.25, 2)  # soft footage teaches softness
            self.weight[kind] /= self.weight[kind].sum()
        by = {(n, f.samples[k]["source"], f.samples[k]["frame"]): (n, k) for _, n, k in self.flat for f in [self.folders[n]]}
        for (n, source, frame), pick in by.items():
            if (n, source, frame + 1) in by and not self.folders[n].sources[source].get("still"):
                self.next[pick] = by[n, source, frame + 1]

    def drop_misfits(self, share: float) -> None:
        """Leaves the worst share of each kind out: they teach blur, since nothing is where it should be. Not of those
        whose landmarks are exact."""
        for kind, people in self.tree.items():
            if kind in ("heads", "closed"):
                continue
            off = {(n, k): self.folders[n].misfit(k) for c, n, k in self.flat if c == kind}
            most = np.quantile(list(off.values()), 1 - share)
            for person, sources in people.items():
                kept = {s: [p for p in picks if off[p] <= most] for s, picks in sources.items()}
                people[person] = {s: picks for s, picks in kept.items() if picks}
            self.tree[kind] = {person: sources for person, sources in people.items() if sources}
            self.flat = [(c, n, k) for c, n, k in self.flat if c != kind or off[n, k] <= most]

    def regions(self) -> list[Entry]:
        """What the folders' records show, each region once."""
        return list({f.region["name"]: f.region for f in self.folders}.values())

    def describe(self) -> dict[str, dict[str, int]]:
        return {k: {"people": len(v), "sources": sum(len(s) for s in v.values()),
                    "samples": sum(len(t) for s in v.values() for t in s.values())} for k, v in self.tree.items()}

    def draw(self, rng: Rng, shares: dict[str, float]) -> Pick:
        """One sample: kind by share, person by crispness, then source and target with equal chances."""
        kinds = [k for k in shares if k in self.tree and shares[k] > 0]
        p = np.array([shares[k] for k in kinds], float)
        kind = kinds[rng.choice(len(kinds), p=p / p.sum())]
        person = self.names[kind][rng.choice(len(self.names[kind]), p=self.weight[kind])]
        sources = self.tree[kind][person]
        targets = sources[list(sources)[rng.integers(len(sources))]]
        return targets[rng.integers(len(targets))]

    def batch(self, rng: Rng, size: int, shares: dict[str, float], pairs: int = 0) -> tuple[Batch, list[int]]:
        """A batch and the group of each sample: 2 * pairs of them are two neighbouring frames each, of one group."""
        picks, group = [], []
        for _ in range(pairs):
            for _ in range(20):
                one = self.draw(rng, shares)
                if one in self.next:
                    picks += [one, self.next[one]]
                    group += [len(group)] * 2
                    break
        while len(picks) < size:
            picks.append(self.draw(rng, shares))
            group.append(len(group))
        return self.collect(picks), group

    def collect(self, picks: Sequence[Pick]) -> Batch:
        """uint8 tensors: geometric picture, truth, maps, portrait, its maps."""
        a, b = zip(*(self.folders[n].get(k) for n, k in picks), strict=True)
        a, b = torch.from_numpy(np.stack(a)), torch.from_numpy(np.stack(b))
        return a[:, :3], a[:, 3:6], a[:, 6:], b[:, :3], b[:, 3:]
