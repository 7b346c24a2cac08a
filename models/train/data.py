"""Samples written by `gioconda dataset`, and balanced batches of them.

Everything geometric (alignment, maps) was done by the Go code that also serves; nothing of it is repeated here.
"""
import json
import os

import numpy as np
import torch

# The order of the map planes, as package portrait draws them.
INNER, OUTER, MASK, UPPER, LOWER, YAW, PITCH = range(7)


class Folder:
    """One output folder of `gioconda dataset`."""

    def __init__(self, path, region):
        with open(os.path.join(path, "index.json")) as f:
            index = json.load(f)
        found = [r for r in index["regions"] if r["name"] == region]
        if not found:
            raise SystemExit(f"{path} has no region {region}")
        self.region, maps = found[0], index["maps"]
        edge = self.region["edge"]
        self.path, self.sources, self.samples = path, index["sources"], index["samples"]

        def open_records(kind, planes, count):
            name = os.path.join(path, region + kind)
            return np.memmap(name, np.uint8, "r", shape=(count, planes, edge, edge))

        # The index may be older than the records while a data set is still being made.
        self.sample_data = open_records(".samples", 6 + maps, len(self.samples))
        self.source_data = open_records(".sources", 3 + maps, len(self.sources))

    def get(self, k):
        """Geometric picture + truth + maps, portrait + maps: uint8."""
        return self.sample_data[k], self.source_data[self.samples[k]["source"]]


def number(person):
    """The number in a person's name; by it people in pairs are held out, whichever of them are there yet."""
    return int("".join(c for c in person if c.isdigit()) or 0)


class Samples:
    """All folders, split by person."""

    def __init__(self, paths, region, held_out, held_out_every, training):
        self.folders = [Folder(p, region) for p in paths]
        self.tree = {}  # kind -> person -> source -> [(folder, sample)]
        self.flat = []
        for n, f in enumerate(self.folders):
            for k, s in enumerate(f.samples):
                src = f.sources[s["source"]]
                person = src["person"]
                held = person in held_out or bool(src.get("still") and number(person) % held_out_every == 0)
                if held == training:
                    continue
                kind = "pairs" if src.get("still") else ("heads" if person.startswith("head") else "video")
                people = self.tree.setdefault(kind, {})
                people.setdefault(person, {}).setdefault((n, s["source"]), []).append((n, k))
                self.flat.append((kind, n, k))
        self.names = {k: sorted(v) for k, v in self.tree.items()}

    def describe(self):
        return {k: {"people": len(v), "sources": sum(len(s) for s in v.values()),
                    "samples": sum(len(t) for s in v.values() for t in s.values())} for k, v in self.tree.items()}

    def draw(self, rng, shares):
        """One sample: kind by share, then person, source and target with equal chances."""
        kinds = [k for k in shares if k in self.tree]
        p = np.array([shares[k] for k in kinds], float)
        kind = kinds[rng.choice(len(kinds), p=p / p.sum())]
        person = self.names[kind][rng.integers(len(self.names[kind]))]
        sources = self.tree[kind][person]
        targets = sources[list(sources)[rng.integers(len(sources))]]
        return targets[rng.integers(len(targets))]

    def batch(self, rng, size, shares):
        return self.collect([self.draw(rng, shares) for _ in range(size)])

    def collect(self, picks):
        """uint8 tensors: geometric picture, truth, maps, portrait, its maps."""
        a, b = zip(*(self.folders[n].get(k) for n, k in picks))
        a, b = torch.from_numpy(np.stack(a)), torch.from_numpy(np.stack(b))
        return a[:, :3], a[:, 3:6], a[:, 6:], b[:, :3], b[:, 3:]
