#!/usr/bin/env python3
"""Train one region of gioconda-s.   train.py CONFIG.yaml [--data DIR ...] [--out DIR] [--stop-at HH:MM]

Checkpoints every few minutes; running it again goes on from the last one. SIGTERM saves and stops.
"""
from __future__ import annotations

import argparse
import copy
import logging
import math
import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
import yaml

import augment
import data
import logs
import losses
import model
import model_l
import perceptual
import report
from aliases import Batch, Config, Entry

Encoder = model.Encoder | model_l.Encoder
Generator = model.Generator | model_l.Generator

log = logging.getLogger("train")


def configure(path: str, changes: Sequence[str] = ()) -> Config:
    """A YAML over the one it names as its base, then changes such as train.adv=0."""
    with open(path) as f:
        cfg = yaml.safe_load(f)

    def over(low: Config, high: Config) -> Config:
        return {**low, **{k: over(low[k], v) if isinstance(v, dict) and isinstance(low.get(k), dict) else v for k, v in high.items()}}

    if "base" in cfg:
        cfg = over(configure(os.path.join(os.path.dirname(path), cfg.pop("base"))), cfg)
    for change in changes:
        key, value = change.split("=", 1)
        *way, last = key.split(".")
        at = cfg
        for name in way:
            at = at[name]
        if last not in at:
            raise SystemExit(f"--set {key}: the configuration has no such entry")
        at[last] = yaml.safe_load(value)
    return cfg


def build(cfg: Config) -> tuple[Encoder, Generator, model.Discriminator]:
    """Encoder, generator and discriminator of a region, their weights as the seed has them."""
    torch.manual_seed(cfg["seed"])
    m = cfg["model"]
    size = model_l if cfg["region"] == "head" else model
    return size.Encoder(m), size.Generator(m), model.Discriminator(m)


Net = TypeVar("Net", bound=torch.nn.Module)


def channels_last(net: Net) -> Net:
    """The network with its weights as convolutions are fastest."""
    return net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]  # torch's own types forget it


class Run:
    """Networks, optimisers and history of one training, kept in the folder out."""

    def __init__(self, cfg: Config, out: str) -> None:
        self.cfg, self.out = cfg, out
        e, g, d = build(cfg)
        self.e, self.g, self.d = channels_last(e), channels_last(g), channels_last(d)
        t = cfg["train"]
        self.e.requires_grad_(not t["frozen"])
        self.opt_g = torch.optim.Adam([*self.e.parameters(), *self.g.parameters()], t["lr"], (0.9, 0.99))
        self.opt_d = torch.optim.Adam(self.d.parameters(), t["lr_d"], (0.5, 0.99))
        self.looks = channels_last(perceptual.Perceptual()) if t["perceptual"] else None
        self.mean = copy.deepcopy(torch.nn.ModuleList([self.e, self.g]))  # exponential mean of the weights
        self.step, self.seconds = 0, 0.0
        self.history: list[dict[str, float]] = []
        self.regions: list[Entry] = []

    def state(self) -> dict[str, Any]:
        return {"e": self.e.state_dict(), "g": self.g.state_dict(), "d": self.d.state_dict(),
                "mean": self.mean.state_dict(), "opt_g": self.opt_g.state_dict(), "opt_d": self.opt_d.state_dict(),
                "step": self.step, "seconds": self.seconds, "history": self.history, "config": self.cfg, "regions": self.regions}

    def save(self) -> None:
        path = os.path.join(self.out, "last.pt")
        torch.save(self.state(), path + ".new")
        os.replace(path + ".new", path)

    def start(self, path: str) -> None:
        """Takes the generator of another run, and the discriminator if there is one and it is alike; step and optimisers begin anew."""
        s = torch.load(path)
        for net, name in ((self.e, "e"), (self.g, "g"), (self.mean, "mean")):
            net.load_state_dict(s[name])
        if "d" in s and {k: v.shape for k, v in s["d"].items()} == {k: v.shape for k, v in self.d.state_dict().items()}:
            self.d.load_state_dict(s["d"])

    def resume(self, path: str) -> None:
        s = torch.load(path)
        self.e.load_state_dict(s["e"])
        self.g.load_state_dict(s["g"])
        self.mean.load_state_dict(s["mean"])
        self.opt_g.load_state_dict(s["opt_g"])
        self.d.load_state_dict(s["d"])
        self.opt_d.load_state_dict(s["opt_d"])
        self.step, self.seconds, self.history = s["step"], s["seconds"], s["history"]

    def rate(self, base: float) -> float:
        t = self.cfg["train"]
        warm = min(1, (self.step + 1) / 100)
        left = max(0, self.step - t["decay_from"]) / max(1, t["steps"] - t["decay_from"])
        return base * warm * (0.05 + 0.95 * (0.5 + 0.5 * math.cos(math.pi * min(1, left))))

    def advance(self, batch: Batch, group: Sequence[int] = ()) -> dict[str, float]:
        """One step on an augmented batch; group tells which samples are neighbouring frames. Returns the terms."""
        t = self.cfg["train"]
        geo, true, maps, src, smaps = (x.contiguous(memory_format=torch.channels_last) for x in batch)
        want = losses.within(maps, geo, true)
        w = losses.weights(maps, t["inner"])
        for opt, base in ((self.opt_g, t["lr"]), (self.opt_d, t["lr_d"])):
            for p in opt.param_groups:
                p["lr"] = self.rate(base)
        with torch.autocast("cpu", torch.bfloat16, enabled=t["bf16"]):
            f = self.e(src, smaps)
            if not t["encoder"]:  # ablation: one mean appearance
                f = [x.mean(0, keepdim=True).expand_as(x) * 0 for x in f]
            delta = self.g(geo, maps, *f)
        out = geo + delta
        terms = {"l1": losses.weighted((out - want).abs(), w), "grad": losses.gradient(out, want, w, t["scales"])}
        total = t["l1"] * terms["l1"] + t["grad"] * terms["grad"]
        if t["chroma"]:
            terms["chroma"] = losses.weighted((losses.chroma(out) - losses.chroma(want)).abs(), w)
            total = total + t["chroma"] * terms["chroma"]
        if t["temporal"] and group:
            terms["temporal"] = losses.temporal(out, want, w, group)
            total = total + t["temporal"] * terms["temporal"]
        if self.looks and self.step % t["perceptual_every"] == 0:  # it costs as much as the rest of a step
            terms["looks"] = self.perceive(self.looks, out, want, w)
            total = total + t["perceptual"] * t["perceptual_every"] * terms["looks"]
        if self.step >= t["adversarial_from"]:
            total = total + self.adversarial(out, want, maps[:, :5], terms)
        self.opt_g.zero_grad(set_to_none=True)
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_([*self.e.parameters(), *self.g.parameters()], t["clip"])
        if math.isfinite(float(norm)):
            self.opt_g.step()
        self.step += 1
        self.average(t["mean"])
        return {k: float(v.detach()) for k, v in terms.items()}

    def window(self, *pictures: torch.Tensor) -> list[torch.Tensor]:
        """The part of the region where mouths open."""
        top, left, size = self.cfg["train"]["window"]
        return [x[:, :, top:top + size, left:left + size] for x in pictures]

    def perceive(self, looks: perceptual.Perceptual, out: torch.Tensor, want: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.cfg["train"]["bf16"]):
            return looks(*self.window(out, want, w))

    def adversarial(self, out: torch.Tensor, want: torch.Tensor, cond: torch.Tensor, terms: dict[str, torch.Tensor]) -> torch.Tensor:
        """Trains the discriminator and returns the generator's share."""
        t = self.cfg["train"]
        out, want, cond = self.window(out, want, cond)
        patch, near = losses.patches(cond, t["around"])
        for p in self.d.parameters():
            p.requires_grad_(True)
        with torch.autocast("cpu", torch.bfloat16, enabled=t["bf16"]):
            score, seen = self.d(torch.cat([want, out.detach()]), torch.cat([cond, cond]))
        real, fake = score.float().chunk(2)
        terms["d"] = losses.hinge_d(real, fake, patch)
        self.opt_d.zero_grad(set_to_none=True)
        terms["d"].backward()
        self.opt_d.step()
        for p in self.d.parameters():
            p.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16, enabled=t["bf16"]):
            fake, mine = self.d(out, cond)
        truth = [f.chunk(2)[0].detach() for f in seen]  # from before the discriminator's step; near enough
        terms["adv"] = losses.hinge_g(fake.float(), patch)
        terms["feat"] = losses.features(truth, mine, near)
        ramp = min(1, (self.step - t["adversarial_from"]) / t["ramp"])
        return ramp * (t["adv"] * terms["adv"] + t["feat"] * terms["feat"])

    def average(self, k: float) -> None:
        k = min(k, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for a, b in zip(self.mean.parameters(), [*self.e.parameters(), *self.g.parameters()], strict=True):
                a.lerp_(b, 1 - k)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("config")
    p.add_argument("--data", nargs="+", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--init", help="start from the networks of this checkpoint")
    p.add_argument("--reload", type=float, help="look for new samples every so many seconds (while they are being made)")
    p.add_argument("--stop-at", help="HH:MM of today: save and stop")
    p.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="change the configuration, e.g. train.adv=0")
    a = p.parse_args()
    logs.to_stdout()
    cfg = configure(a.config, a.set)
    torch.set_num_threads(cfg["train"]["threads"])
    os.makedirs(a.out, exist_ok=True)
    run = Run(cfg, a.out)
    last = os.path.join(a.out, "last.pt")
    if os.path.exists(last):
        run.resume(last)
        log.info("going on from step %d", run.step)
    elif a.init:
        run.start(a.init)

    def samples() -> tuple[data.Samples, report.Judge]:
        split = [data.Samples(a.data, cfg, t) for t in (True, False)]
        for name, part in zip(("train", "held out"), split, strict=True):
            log.info("%s %s", name, part.describe())
        return split[0], report.Judge(split[1], cfg)

    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    signal.signal(signal.SIGINT, lambda *_: stop.append(1))
    loop(run, samples, a, stop)


def loop(run: Run, samples: Callable[[], tuple[data.Samples, report.Judge]], a: argparse.Namespace, stop: list[int]) -> None:
    """Trains until the last step, a wish to stop, or the time of day that was named; samples loads what there is of them."""
    t = run.cfg["train"]
    began = saved = looked = time.time()
    train, judge = samples()
    run.regions = train.regions()
    before = run.seconds
    sums: dict[str, list[float]] = {}
    while run.step < t["steps"] and not stop:
        rng = np.random.default_rng([run.cfg["seed"], run.step])  # the same batches after a resume
        some, group = train.batch(rng, t["batch"], t["shares"], t["neighbours"])
        for k, v in run.advance(augment.apply(rng, run.cfg["augment"], some, group), group).items():
            sums.setdefault(k, []).append(v)
        run.seconds = before + time.time() - began
        if run.step % t["log_every"] == 0:
            means = {k: sum(v) / len(v) for k, v in sums.items()}
            run.history.append({"step": run.step, **means})
            log.info("step %d %s %.0f s", run.step, {k: round(v, 4) for k, v in means.items()}, run.seconds)
            sums = {}
        if run.step % t["judge_every"] == 0:
            e, g = run.mean
            row = judge.quick(e, g)
            run.history.append({"step": run.step, **row})
            log.info("held out %s", row)
            judge.sheet(os.path.join(run.out, f"sheet-{run.step:06d}.png"), e, g)
        if time.time() - saved > t["save_seconds"]:
            run.save()
            saved = time.time()
        if a.reload and time.time() - looked > a.reload:
            train, judge = samples()
            looked = time.time()
        if a.stop_at and time.strftime("%H:%M") >= a.stop_at:
            break
    run.save()
    report.curves(run.history, os.path.join(run.out, "curves.png"))


if __name__ == "__main__":
    main()
