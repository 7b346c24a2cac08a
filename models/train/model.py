"""gioconda-s: an appearance encoder that runs once per portrait, and a generator that runs once per frame.

The generator's result is a difference of colour inside a given soft mask: picture + mask * difference. Its last layer
starts at zero, so an untrained generator is the geometric layer itself.
"""
from __future__ import annotations

import functools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from aliases import Config

MAPS = 7  # planes of package portrait
LUMA = (0.299, 0.587, 0.114)
SKIN = (1.20, 0.93, 0.83)  # of photographs, over its luma


def conv(cin: int, cout: int, k: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(cin, cout, k, stride, padding=(k - 1) // 2 if stride == 1 or k % 2 else (k - stride) // 2)


def zero(*parameters: torch.Tensor | None) -> None:
    """Weights and biases that begin at zero."""
    for p in parameters:
        if p is not None:
            nn.init.zeros_(p)


def luma(x: torch.Tensor) -> torch.Tensor:
    return (x * x.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


@functools.cache
def enlarge(n: int) -> torch.Tensor:
    """The matrix (4n, n) that enlarges n samples bilinearly, centres of pixels on centres, the ends held."""
    at = (np.arange(4 * n) - 1.5) / 4
    return torch.from_numpy(np.stack([np.interp(at, np.arange(n), x) for x in np.eye(n)], 1).astype(np.float32))


def coherent(planes: torch.Tensor) -> torch.Tensor:
    """Planes of Head (N 7 H W) -> a difference of colour (N 3 2H 2W): luma in every pixel, chroma in squares of four
    by four, its green between red and blue.

    Video carries chroma coarsely anyway, light is warm or cool, and nothing in a mouth or an eye turns green or violet;
    without this, teeth got specks of every colour at their edges.
    """
    with torch.autocast(planes.device.type, enabled=False):
        y = F.pixel_shuffle(planes[:, :4].float(), 2)
        chroma = F.avg_pool2d(planes[:, 4:].float(), 2)
        rows, columns = (enlarge(int(n)).to(planes.device) for n in chroma.shape[2:])
        # As matrices: ONNX Runtime takes four times as long to resize.
        red, green, blue = (rows @ chroma @ columns.t()).split(1, 1)
        low, high = torch.minimum(red, blue), torch.maximum(red, blue)
        return y + torch.cat([red, torch.minimum(torch.maximum(green, low), high), blue], 1)


def cast(picture: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """The factor less one that takes a portrait's colour cast away: its skin gets the hue that photographs have.

    Brown varnish, candle light and grey pictures then look alike to the networks; brightness stays as it is, for
    teeth are as bright as the light and not as the skin.
    """
    m = maps[:, 2:3]
    mean = (picture * m).sum((2, 3)) / (m.sum((2, 3)) + 1e-3) + 0.02
    hue = mean / (mean * mean.new_tensor(LUMA)).sum(1, keepdim=True)
    return (mean.new_tensor(SKIN) / hue).clamp(0.5, 2.5) - 1


class Encoder(nn.Module):
    """Portrait + maps -> feature maps at three sizes, aligned with the head, and one vector: modulation, then cast."""

    def __init__(self, c: Config, maps: int = MAPS) -> None:
        super().__init__()
        a, b, d = c["channels"]
        fa, fb, fd = c["features"]
        self.in64 = conv(3 + maps, a, 4, 2)
        self.f64 = conv(a, fa)
        self.in32 = conv(a, b, 3, 2)
        self.mid32 = conv(b, b)
        self.f32 = conv(b, fb)
        self.in16 = conv(b, d, 3, 2)
        self.mid16 = conv(d, d)
        self.f16 = conv(d, fd)
        self.style = nn.Linear(d, 2 * (c["blocks"] * d + b + a))
        nn.init.normal_(self.style.weight, std=0.02)
        nn.init.zeros_(self.style.bias)

    def forward(self, picture: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        gain = cast(picture, maps)
        x = F.relu(self.in64(torch.cat([picture * (1 + gain[:, :, None, None]) - 0.5, maps], 1)))
        f64 = self.f64(x)
        x = F.relu(self.in32(x))
        x = F.relu(self.mid32(x))
        f32 = self.f32(x)
        x = F.relu(self.in16(x))
        x = F.relu(self.mid16(x))
        return f64, f32, self.f16(x), torch.cat([self.style(x.mean((2, 3))).float(), gain], 1)


class Grid(nn.Module):
    """Where 8 bits round: nothing until quantise.py gives it a step; it has no weights, so a checkpoint knows none."""

    step: float | None = None  # value = step * (byte - zero)
    zero = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x if self.step is None else torch.fake_quantize_per_tensor_affine(x, self.step, self.zero, 0, 255)


class Layer(nn.Conv2d):
    """A convolution, a ReLU if asked, and the grid of what comes out: in 8 bits one operator of ONNX Runtime."""

    def __init__(self, cin: int, cout: int, k: int = 3, stride: int = 1, relu: bool = False) -> None:
        super().__init__(cin, cout, k, stride, padding=(k - 1) // 2)
        self.relu, self.grid = relu, Grid()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = super().forward(x)
        return self.grid(F.relu(x) if self.relu else x)


class Modulated(nn.Conv2d):
    """A convolution whose channels the portrait scales and shifts, a ReLU, and the grid of what comes out: in 8 bits one
    operator, whose steps and biases the portrait gives."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__(cin, cout, 3, padding=1)
        self.grid = Grid()

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        x = super().forward(x)
        scale, shift = style.to(x.dtype).split(self.out_channels, 1)
        return self.grid(F.relu(x * (1 + scale) + shift))


class Mix(nn.Conv2d):
    """A convolution over what is seen and the portrait's features beside it, a ReLU and a grid. The features' part is the
    same for all frames of a portrait, so each part has a grid of its own, and it is added."""

    def __init__(self, cin: int, features: int, cout: int) -> None:
        super().__init__(cin + features, cout, 3, padding=1)
        self.seen = cin
        self.part, self.constant, self.grid = Grid(), Grid(), Grid()

    def forward(self, x: torch.Tensor, feature: torch.Tensor) -> torch.Tensor:
        x = F.conv2d(x, self.weight[:, :self.seen], self.bias, padding=1)
        return self.grid(F.relu(self.part(x) + self.constant(self.looked(feature).to(x.dtype))))

    def looked(self, feature: torch.Tensor) -> torch.Tensor:
        """The features' part."""
        return F.conv2d(feature, self.weight[:, self.seen:], padding=1)


class Head(nn.Conv2d):
    """The last convolution: R, G, B of the four pixels of a square, as the luma of each and the chroma of all four.

    Only these seven are used of the twelve (coherent), and they are sums of them, so the weights are summed instead of
    the planes.
    """

    sums: torch.Tensor

    def __init__(self, cin: int) -> None:
        super().__init__(cin, 12, 3, padding=1)
        zero(self.weight, self.bias)
        y = torch.kron(torch.tensor([LUMA]), torch.eye(4))  # of four pixels
        mean = torch.kron(torch.eye(3), torch.full((1, 4), 0.25))
        self.register_buffer("sums", torch.cat([y, mean - y.mean(0)]), persistent=False)

    def summed(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weight and bias of the seven."""
        assert self.bias is not None
        return (self.sums[:, :, None, None, None] * self.weight).sum(1), (self.sums * self.bias).sum(1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, *self.summed(), padding=1)


class Generator(nn.Module):
    """Geometric picture + maps + appearance -> difference of colour."""

    def __init__(self, c: Config, maps: int = MAPS) -> None:
        super().__init__()
        a, b, d = c["channels"]
        fa, fb, fd = c["features"]
        self.sizes = [d] * c["blocks"] + [b, a]
        self.seen = Grid()
        self.in64 = Layer(3 + maps, a, 4, 2, relu=True)
        self.mix64 = Mix(a, fa, a)
        self.in32 = Layer(a, b, 3, 2, relu=True)
        self.mix32 = Mix(b, fb, b)
        self.in16 = Layer(b, d, 3, 2, relu=True)
        self.mix16 = Mix(d, fd, d)
        self.blocks = nn.ModuleList(nn.ModuleList([Modulated(d, d), Layer(d, d)]) for _ in range(c["blocks"]))
        self.up32 = Layer(d, b, 1)
        self.out32 = Modulated(b, b)
        self.up64 = Layer(b, a, 1)
        self.out64 = Modulated(a, a)
        self.head: Head | Layer = Head(a)  # in 8 bits a Layer of the seven
        self.sums = nn.ModuleList(Grid() for _ in self.sizes)

    def modulated(self) -> list[Modulated]:
        """The layers that the style is for, in its order."""
        return [m for m in self.modules() if isinstance(m, Modulated)]

    def styles(self, style: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        """What the vector of E says: scales and shifts of each such layer (N 2C 1 1), and the gain (N 3 1 1)."""
        *parts, gain = style[:, :, None, None].split([2 * n for n in self.sizes] + [3], 1)
        return parts, 1 + gain

    def forward(self, picture: torch.Tensor, maps: torch.Tensor, f64: torch.Tensor, f32: torch.Tensor, f16: torch.Tensor,
                style: torch.Tensor) -> torch.Tensor:
        parts, gain = self.styles(style)

        def enlarged(x: torch.Tensor, other: torch.Tensor, k: int) -> torch.Tensor:
            return self.sums[k](F.relu(F.interpolate(x, scale_factor=2.0, mode="nearest") + other))

        x = torch.cat([self.seen(picture * gain - 0.5), self.seen(maps)], 1)
        d64 = self.mix64(self.in64(x), f64)
        d32 = self.mix32(self.in32(d64), f32)
        x = self.mix16(self.in16(d32), f16)
        for k, pair in enumerate(self.blocks):
            assert isinstance(pair, nn.ModuleList)
            one, two = pair
            x = self.sums[k](x + two(one(x, parts[k])))
        k = len(self.blocks)
        x = self.out32(enlarged(self.up32(x), d32, k), parts[k])
        x = self.out64(enlarged(self.up64(x), d64, k + 1), parts[k + 1])
        # Inside the mask only; the mask is a given map.
        return coherent(self.head(x)) / gain * maps[:, 2:3].float()


class Discriminator(nn.Module):
    """Patches of luma, given the maps: beside the picture, and by projection (Miyato and Koyama 2018) onto what the
    maps show in a patch. Returns a score per patch and the features on the way.

    It sees no colour. Teeth, lips and creases are shapes; with colour to play with, generators put cyan and
    orange specks where the discriminator could not tell.
    """

    def __init__(self, c: Config, maps: int = 5) -> None:
        super().__init__()
        w = c["discriminator"]
        layers = [conv(1 + maps, w, 4, 2), conv(w, 2 * w, 4, 2), conv(2 * w, 3 * w, 4, 2), conv(3 * w, 3 * w)]
        self.layers = nn.ModuleList(layers)
        self.score = conv(3 * w, 1, 1)
        self.project = conv(maps, 3 * w, 1)
        zero(self.project.weight, self.project.bias)
        for layer in layers:  # no normalisation: with it, hundreds of steps taught the discriminator nothing
            nn.init.kaiming_normal_(layer.weight, 0.2)
            zero(layer.bias)

    def forward(self, picture: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        x = torch.cat([luma(picture) * 2 - 1, maps], 1)
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        seen = self.project(F.adaptive_avg_pool2d(maps, (x.shape[2], x.shape[3])))
        return self.score(x) + (x * seen).sum(1, keepdim=True) / x.shape[1] ** 0.5, features


def macs(module: nn.Module, *inputs: torch.Tensor) -> int:
    """Multiply-accumulates of the convolutions, by running them."""
    total = [0]

    def count(m: nn.Module, _: object, out: torch.Tensor) -> None:
        assert isinstance(m, nn.Conv2d)
        total[0] += out.shape[1] * out.shape[2] * out.shape[3] * m.in_channels * m.kernel_size[0] * m.kernel_size[1]

    hooks = [m.register_forward_hook(count) for m in module.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        module(*inputs)
    for h in hooks:
        h.remove()
    return total[0]
