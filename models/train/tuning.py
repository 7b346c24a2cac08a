"""One step of tuning gioconda-s to a person, as a network of its own: what the generator's file computes, in float32, and then
the gradient of its error by what the portrait gives it.

Only the features' parts that are mixed in (integers.MIXES) are tuned: they are the same for every frame of a portrait and
cost nothing when it is drawn. Their numbers are those of the served file, before they are rounded to bytes. Everything else is
given as the encoder's file gives it. The backward pass is written out, since ONNX Runtime's ordinary build has none.
"""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

import integers
import model
import quantise

BATCH = 6  # frames of a step
INNER, MASK = 0, 2  # planes of the maps: see package portrait


def names(g: model.Generator) -> tuple[list[str], list[str]]:
    """Inputs and outputs of the file."""
    return ["picture", "maps", "truth", *integers.names(g)], ["error", *(f"{n}_gradient" for n in integers.MIXES)]


def shapes(g: model.Generator, edge: int) -> list[tuple[int, ...]]:
    """Of the inputs."""
    mixes = [(1, edge >> k, edge >> k, m.out_channels) for k, m in enumerate((g.mix64, g.mix32, g.mix16), 1)]
    styles = [(n,) for n in g.sizes for _ in ("step", "bias")]
    return [(BATCH, 3, edge, edge), (BATCH, model.MAPS, edge, edge), (BATCH, 3, edge, edge), *mixes, (1, 3, 1, 1), (1, 3, 1, 1), *styles]


def back(layer: nn.Conv2d, gradient: torch.Tensor, scale: torch.Tensor | None = None) -> torch.Tensor:
    """The gradient by what enters a convolution, given that by what leaves it; scale is what the portrait scales channels by."""
    weight = layer.weight
    if isinstance(layer, model.Mix):
        weight = weight[:, :layer.seen]
    stride, padding = layer.stride[0], layer.padding[0]
    more = stride - 1  # of a height that is even
    assert isinstance(padding, int)
    return F.conv_transpose2d(gradient if scale is None else gradient * scale, weight, None, stride, padding, more)


def halved(x: torch.Tensor) -> torch.Tensor:
    """The gradient through an enlargement by the nearest."""
    return F.avg_pool2d(x, 2) * 4


class Step(nn.Module):
    """names(g)[0] -> names(g)[1]. g is calibrated; its weights are those of its file, its grids do not round here."""

    def __init__(self, g: model.Generator) -> None:
        super().__init__()
        self.g = g
        before = [g.mix16.grid, *list(g.sums)[:len(g.blocks) - 1], *list(g.sums)[len(g.blocks):]]
        self.entering = [grid.step for grid in before]
        self.steps = [quantise.weight_steps(m.weight.data).view(1, -1, 1, 1) for m in g.modulated()]

    def constants(self, mixes: tuple[torch.Tensor, ...]) -> list[torch.Tensor]:
        """Bytes (1 H W C), not rounded -> the values (1 C H W) that they stand for."""
        out = []
        for name, x in zip(integers.MIXES, mixes, strict=True):
            mix = self.g.get_submodule(name)
            assert isinstance(mix, model.Mix)
            grid = mix.constant
            assert grid.step is not None
            out.append(((x - grid.zero) * grid.step).permute(0, 3, 1, 2))
        return out

    def modulated(self, k: int, layer: nn.Conv2d, x: torch.Tensor, step: torch.Tensor,
                  bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What leaves the k-th layer that the portrait modulates, and the scale of its channels."""
        step, entering = step.view(1, -1, 1, 1), self.entering[k]
        assert entering is not None
        scale = step / self.steps[k]
        return F.relu(F.conv2d(x, layer.weight, padding=1) * scale + bias.view(1, -1, 1, 1) * step * entering), scale

    def forward(self, picture: torch.Tensor, maps: torch.Tensor, truth: torch.Tensor, *given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        g, n = self.g, len(self.g.blocks)
        constants, (gain, share), styles = self.constants(given[:3]), given[3:5], given[5:]
        x = torch.cat([picture * gain - 0.5, maps], 1)
        downs: list[torch.Tensor] = []  # what the mixes give
        seen: list[torch.Tensor] = []  # what enters them
        for enter, mix, constant in zip((g.in64, g.in32, g.in16), (g.mix64, g.mix32, g.mix16), constants, strict=True):
            seen.append(F.relu(F.conv2d(x, enter.weight, enter.bias, enter.stride, enter.padding)))
            x = F.relu(F.conv2d(seen[-1], mix.weight[:, :mix.seen], mix.bias, padding=1) + constant)
            downs.append(x)
        inner: list[tuple[torch.Tensor, torch.Tensor]] = []  # of the blocks
        for k, pair in enumerate(g.blocks):
            assert isinstance(pair, nn.ModuleList)
            one, two = pair
            assert isinstance(one, nn.Conv2d) and isinstance(two, nn.Conv2d)
            inner.append(self.modulated(k, one, x, *styles[2 * k:2 * k + 2]))
            x = x + F.conv2d(inner[-1][0], two.weight, two.bias, padding=1)
        ups: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
        for k, (up, out, other) in enumerate(((g.up32, g.out32, downs[1]), (g.up64, g.out64, downs[0])), n):
            joined = F.relu(F.interpolate(F.conv2d(x, up.weight, up.bias), scale_factor=2.0, mode="nearest") + other)
            x, scale = self.modulated(k, out, joined, *styles[2 * k:2 * k + 2])
            ups.append((joined, x, scale))
        planes = F.conv2d(x, g.head.weight, g.head.bias, padding=1)
        error, gradient = self.error(planes, picture, truth, maps, share)

        # And back, from the last layer to the constants.
        x = back(g.head, gradient)
        skips: list[torch.Tensor] = []
        for (up, out), (joined, left, scale) in zip(((g.up64, g.out64), (g.up32, g.out32)), reversed(ups), strict=True):
            x = back(out, x * (left > 0), scale) * (joined > 0)
            skips.append(x)
            x = back(up, halved(x))
        for pair, (left, scale) in zip(reversed(list(g.blocks)), reversed(inner), strict=True):
            assert isinstance(pair, nn.ModuleList)
            one, two = pair
            assert isinstance(one, nn.Conv2d) and isinstance(two, nn.Conv2d)
            x = x + back(one, back(two, x) * (left > 0), scale)
        found = [x * (downs[2] > 0)]
        for mix, enter, entered, down, skip in ((g.mix16, g.in16, seen[2], downs[1], skips[1]),
                                                (g.mix32, g.in32, seen[1], downs[0], skips[0])):
            x = back(enter, back(mix, found[-1]) * (entered > 0)) + skip
            found.append(x * (down > 0))
        return error, *self.gradients(found[::-1])

    def gradients(self, found: list[torch.Tensor]) -> list[torch.Tensor]:
        """By values, of each frame -> by bytes, of the batch."""
        out = []
        for name, x in zip(integers.MIXES, found, strict=True):
            mix = self.g.get_submodule(name)
            assert isinstance(mix, model.Mix) and mix.constant.step is not None
            out.append(x.sum(0, keepdim=True).permute(0, 2, 3, 1) * mix.constant.step)
        return out

    def error(self, planes: torch.Tensor, picture: torch.Tensor, truth: torch.Tensor, maps: torch.Tensor,
              share: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the seven planes make of the picture: its mean difference from the truth between the lips, of each frame, and the
        gradient of the batch's mean by the planes."""
        mask, weight = maps[:, MASK:MASK + 1], maps[:, INNER:INNER + 1]
        chroma = F.avg_pool2d(planes[:, 4:], 2)
        rows, columns = model.enlarge(chroma.shape[2]), model.enlarge(chroma.shape[3])
        red, green, blue = (rows @ chroma @ columns.t()).split(1, 1)
        low, high = torch.minimum(red, blue), torch.maximum(red, blue)
        between = torch.minimum(torch.maximum(green, low), high)
        colour = F.pixel_shuffle(planes[:, :4], 2) + torch.cat([red, between, blue], 1)
        off = picture + colour * share * mask - truth
        total = 3 * weight.sum((1, 2, 3), keepdim=True).clamp(min=1)
        error = (off.abs() * weight / total).sum((1, 2, 3))

        x = torch.sign(off) * weight / total / BATCH * share * mask
        r, y, b = x.split(1, 1)
        # Green that was held between red and blue follows the one that held it.
        held_low, held_high, red_low = (green < low).float(), (green > high).float(), (red < blue).float()
        red_holds = held_low * red_low + held_high * (1 - red_low)
        blue_holds = held_low * (1 - red_low) + held_high * red_low
        three = torch.cat([r + y * red_holds, y * (1 - held_low - held_high), b + y * blue_holds], 1)
        quarter = F.interpolate(rows.t() @ three @ columns, scale_factor=2.0, mode="nearest") / 4
        return error, torch.cat([F.pixel_unshuffle(x.sum(1, keepdim=True), 2), quarter], 1)
