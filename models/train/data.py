"""Samples written by `gioconda dataset`, and balanced batches of them.

Everything geometric (alignment, maps) was done by the Go code that also serves; nothing of it is repeated here.
"""
import json
import os

import numpy as np
import torch

# The order of the map planes, as package portrait draws them.
INNER, OUTER, MASK, UPPER, LOWER, YAW, PITCH = range(7)


# One network serves both eyes: the right one is seen in a mirror.
REGIONS = {"eyes": ["eye_left", "eye_right"]}


class Folder:
    """One region of an output folder of `gioconda dataset`."""

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

    def crispness(self, source):
        """How much of a portrait's contrast is fine: the share of its variance that a 3x3 mean takes away."""
        x = self.source_data[source][:3].astype(np.float32).mean(0)
        soft = sum(x[i:i + x.shape[0] - 2, j:j + x.shape[1] - 2] for i in range(3) for j in range(3)) / 9
        return float(((x[1:-1, 1:-1] - soft) ** 2).mean() / (x.var() + 1))


def number(person):
    """The number in a person's name; by it people in pairs are held out, whichever of them are there yet."""
    return int("".join(c for c in person if c.isdigit()) or 0)


class Samples:
    """All folders, split by person."""

    def __init__(self, paths, region, held_out, held_out_every, training):
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
                kind = "pairs" if src.get("still") else ("heads" if person.startswith("head") else "video")
                people = self.tree.setdefault(kind, {})
                people.setdefault(person, {}).setdefault((n, s["source"]), []).append((n, k))
                if (n, s["source"]) not in crisp:
                    crisp[n, s["source"]] = f.crispness(s["source"])
                self.flat.append((kind, n, k))
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

    def describe(self):
        return {k: {"people": len(v), "sources": sum(len(s) for s in v.values()),
                    "samples": sum(len(t) for s in v.values() for t in s.values())} for k, v in self.tree.items()}

    def draw(self, rng, shares):
        """One sample: kind by share, person by crispness, then source and target with equal chances."""
        kinds = [k for k in shares if k in self.tree and shares[k] > 0]
        p = np.array([shares[k] for k in kinds], float)
        kind = kinds[rng.choice(len(kinds), p=p / p.sum())]
        person = self.names[kind][rng.choice(len(self.names[kind]), p=self.weight[kind])]
        sources = self.tree[kind][person]
        targets = sources[list(sources)[rng.integers(len(sources))]]
        return targets[rng.integers(len(targets))]

    def batch(self, rng, size, shares, pairs=0):
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

    def collect(self, picks):
        """uint8 tensors: geometric picture, truth, maps, portrait, its maps."""
        a, b = zip(*(self.folders[n].get(k) for n, k in picks))
        a, b = torch.from_numpy(np.stack(a)), torch.from_numpy(np.stack(b))
        return a[:, :3], a[:, 3:6], a[:, 6:], b[:, :3], b[:, 3:]
