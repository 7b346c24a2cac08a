"""gioconda-s: an appearance encoder that runs once per portrait, and a generator that runs once per frame.

The generator's result is a difference of colour inside a given soft mask: picture + mask * difference. Its last layer
starts at zero, so an untrained generator is the geometric layer itself.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

MAPS = 7  # planes of package portrait
LUMA = (0.299, 0.587, 0.114)
SKIN = (1.20, 0.93, 0.83)  # of photographs, over its luma


def conv(cin, cout, k=3, stride=1):
    return nn.Conv2d(cin, cout, k, stride, padding=(k - 1) // 2 if stride == 1 or k % 2 else (k - stride) // 2)


def luma(x):
    return (x * x.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def coherent(difference):
    """A difference whose colour is calm: luma in every pixel, chroma in squares of four, its green between red and blue.

    Video carries chroma coarsely anyway, light is warm or cool, and nothing in a mouth or an eye turns green or violet;
    without this, teeth got specks of every colour at their edges.
    """
    y = luma(difference)
    chroma = F.interpolate(F.avg_pool2d(difference - y, 4), scale_factor=4.0, mode="bilinear", align_corners=False)
    red, green, blue = chroma.split(1, 1)
    low, high = torch.minimum(red, blue), torch.maximum(red, blue)
    return y + torch.cat([red, torch.minimum(torch.maximum(green, low), high), blue], 1)


def cast(picture, maps):
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

    def __init__(self, c, maps=MAPS):
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

    def forward(self, picture, maps):
        gain = cast(picture, maps)
        x = F.relu(self.in64(torch.cat([picture * (1 + gain[:, :, None, None]) - 0.5, maps], 1)))
        f64 = self.f64(x)
        x = F.relu(self.in32(x))
        x = F.relu(self.mid32(x))
        f32 = self.f32(x)
        x = F.relu(self.in16(x))
        x = F.relu(self.mid16(x))
        return f64, f32, self.f16(x), torch.cat([self.style(x.mean((2, 3))).float(), gain], 1)


class Generator(nn.Module):
    """Geometric picture + maps + appearance -> difference of colour."""

    def __init__(self, c, maps=MAPS):
        super().__init__()
        a, b, d = c["channels"]
        fa, fb, fd = c["features"]
        self.sizes = [d] * c["blocks"] + [b, a]
        self.in64 = conv(3 + maps, a, 4, 2)
        self.mix64 = conv(a + fa, a)
        self.in32 = conv(a, b, 3, 2)
        self.mix32 = conv(b + fb, b)
        self.in16 = conv(b, d, 3, 2)
        self.mix16 = conv(d + fd, d)
        self.blocks = nn.ModuleList(nn.ModuleList([conv(d, d), conv(d, d)]) for _ in range(c["blocks"]))
        self.up32 = conv(d, b, 1)
        self.out32 = conv(b, b)
        self.up64 = conv(b, a, 1)
        self.out64 = conv(a, a)
        self.head = conv(a, 12)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, picture, maps, f64, f32, f16, style):
        *parts, gain = style[:, :, None, None].split([2 * n for n in self.sizes] + [3], 1)
        gain = 1 + gain

        def modulate(x, k):
            scale, shift = parts[k].to(x.dtype).chunk(2, 1)
            return x * (1 + scale) + shift

        x = F.relu(self.in64(torch.cat([picture * gain - 0.5, maps], 1)))
        d64 = F.relu(self.mix64(torch.cat([x, f64], 1)))
        x = F.relu(self.in32(d64))
        d32 = F.relu(self.mix32(torch.cat([x, f32], 1)))
        x = F.relu(self.in16(d32))
        x = F.relu(self.mix16(torch.cat([x, f16], 1)))
        for k, (one, two) in enumerate(self.blocks):
            x = x + two(F.relu(modulate(one(x), k)))
        k = len(self.blocks)
        x = F.interpolate(self.up32(x), scale_factor=2.0, mode="nearest") + d32
        x = F.relu(modulate(self.out32(F.relu(x)), k))
        x = F.interpolate(self.up64(x), scale_factor=2.0, mode="nearest") + d64
        x = F.relu(modulate(self.out64(F.relu(x)), k + 1))
        # Inside the mask only; the mask is a given map.
        return coherent(F.pixel_shuffle(self.head(x), 2).float()) / gain * maps[:, 2:3].float()


class Discriminator(nn.Module):
    """Patches of luma, given the maps: beside the picture, and by projection (Miyato and Koyama 2018) onto what the
    maps show in a patch. Returns a score per patch and the features on the way.

    It sees no colour. Teeth, lips and creases are shapes; with colour to play with, generators put cyan and
    orange specks where the discriminator could not tell.
    """

    def __init__(self, c, maps=5):
        super().__init__()
        w = c["discriminator"]
        self.layers = nn.ModuleList([
            conv(1 + maps, w, 4, 2), conv(w, 2 * w, 4, 2), conv(2 * w, 3 * w, 4, 2), conv(3 * w, 3 * w),
        ])
        self.score = conv(3 * w, 1, 1)
        self.project = conv(maps, 3 * w, 1)
        nn.init.zeros_(self.project.weight)
        nn.init.zeros_(self.project.bias)
        for layer in self.layers:  # no normalisation: with it, hundreds of steps taught the discriminator nothing
            nn.init.kaiming_normal_(layer.weight, 0.2)
            nn.init.zeros_(layer.bias)

    def forward(self, picture, maps):
        x = torch.cat([luma(picture) * 2 - 1, maps], 1)
        features = []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
            features.append(x)
        seen = self.project(F.adaptive_avg_pool2d(maps, x.shape[2:]))
        return self.score(x) + (x * seen).sum(1, keepdim=True) / x.shape[1] ** 0.5, features


def macs(module, *inputs):
    """Multiply-accumulates of the convolutions, by running them."""
    total, hooks = [0], []

    def count(m, _, out):
        total[0] += out.shape[1] * out.shape[2] * out.shape[3] * m.in_channels * m.kernel_size[0] * m.kernel_size[1]

    for m in module.modules():
        if isinstance(m, nn.Conv2d):
            hooks.append(m.register_forward_hook(count))
    with torch.no_grad():
        module(*inputs)
    for h in hooks:
        h.remove()
    return total[0]
