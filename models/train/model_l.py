"""gioconda-l: one network for the whole head, for GPUs, at 512x512 (any multiple of 32 in training).

It works on the planes that video has: luma in four phases beside both chroma planes, all at half the picture's edge.
The portrait's own features lie elsewhere than the moved head, so G fetches them by attention. As in gioconda-s the
result is a difference inside a given mask, and the last layer starts at zero.
"""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

import data
from aliases import Config
from model import MAPS, conv, zero

# BT.601, full range in and out.
YUV = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
RGB = torch.tensor([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]])


def mix(matrix: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return torch.einsum("dc,nchw->ndhw", matrix, x)


def pack(rgb: torch.Tensor) -> torch.Tensor:
    """N 3 2H 2W -> N 6 H W: four phases of luma, then chroma."""
    yuv = mix(YUV, rgb)
    return torch.cat([F.pixel_unshuffle(yuv[:, :1], 2), F.avg_pool2d(yuv[:, 1:], 2)], 1)


def flat(x: torch.Tensor) -> torch.Tensor:
    """N C H W -> N C HW with sizes that are known at export, so that no shape has to be worked out at run time."""
    return x.reshape(-1, int(x.shape[1]), int(x.shape[2]) * int(x.shape[3]))


def unpack(planes: torch.Tensor) -> torch.Tensor:
    """The inverse of pack but for the chroma's resolution."""
    luma = F.pixel_shuffle(planes[:, :4], 2)
    return mix(RGB, torch.cat([luma, F.interpolate(planes[:, 4:], scale_factor=2.0, mode="nearest")], 1))


class Encoder(nn.Module):
    """Portrait (Y, U, V at half the edge) + maps -> keys and values of attention, and a vector of modulation."""

    def __init__(self, c: Config, maps: int = MAPS) -> None:
        super().__init__()
        a, b, d, e = c["channels"]
        self.down = nn.ModuleList([conv(3 + maps, a, 4, 2), conv(a, b, 3, 2), conv(b, b), conv(b, d, 3, 2), conv(d, d)])
        self.keys, self.values = conv(d, c["keys"], 1), conv(d, c["values"], 1)
        self.style = nn.Linear(d, 2 * (c["blocks"] * e + b))
        nn.init.normal_(self.style.weight, std=0.02)
        nn.init.zeros_(self.style.bias)

    def look(self, yuv: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        x = torch.cat([yuv, maps], 1)
        for layer in self.down:
            x = F.relu(layer(x))
        return flat(self.keys(x)), flat(self.values(x)), self.style(x.mean((2, 3)))

    def forward(self, picture: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """For training: R, G, B 0..1, already at half the edge of what G paints."""
        return self.look(mix(YUV, picture - 0.5), maps)


class Block(nn.Module):
    """Two convolutions beside the way straight through; a scale and a shift for each channel may stand between them."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.one, self.two = conv(n, n), conv(n, n)

    def forward(self, x: torch.Tensor, modulation: tuple[torch.Tensor, torch.Tensor] | None = None) -> torch.Tensor:
        y = self.one(x)
        if modulation is not None:
            y = y * (1 + modulation[0]) + modulation[1]
        return x + self.two(F.relu(y))


class Generator(nn.Module):
    """Planes of the moved head + maps + appearance -> differences of the planes."""

    def __init__(self, c: Config, maps: int = MAPS) -> None:
        super().__init__()
        a, b, d, e = c["channels"]
        self.keys, self.values = c["keys"], c["values"]
        self.sizes = [e] * c["blocks"] + [b]
        self.in1, self.in2, self.mid2 = conv(6 + maps, a), conv(a, b, 3, 2), conv(b, b)
        self.in4, self.mid4 = conv(b, d, 3, 2), nn.ModuleList(Block(d) for _ in range(c["blocks4"]))
        self.in8 = conv(d, e, 3, 2)
        self.query, self.fetched = conv(e, c["keys"], 1), conv(c["values"], e, 1)
        self.blocks = nn.ModuleList(Block(e) for _ in range(c["blocks"]))
        self.up4, self.out4 = conv(e, d, 1), conv(d, d)
        self.up2, self.out2 = conv(d, b, 1), conv(b, b)
        self.up1, self.out1 = conv(b, a, 1), conv(a, a)
        self.head = conv(a, 6)
        zero(self.head.weight, self.head.bias)

    def fetch(self, x: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Attention of every place of the moved head over all places of the portrait."""
        q = flat(self.query(x)).transpose(1, 2)
        w = torch.softmax(torch.matmul(q, keys).float() * self.keys ** -0.5, 2).to(values.dtype)
        got = torch.matmul(values, w.transpose(1, 2))
        return got.reshape(-1, self.values, int(x.shape[2]), int(x.shape[3]))

    def difference(self, planes: torch.Tensor, maps: torch.Tensor, keys: torch.Tensor, values: torch.Tensor,
                   style: torch.Tensor) -> torch.Tensor:
        """Differences of the six planes (luma and chroma 0..1 and +-0.5), maps at their size."""
        parts = style[:, :, None, None].split([2 * n for n in self.sizes], 1)
        x1 = F.relu(self.in1(torch.cat([planes, maps], 1)))
        x2 = F.relu(self.mid2(F.relu(self.in2(x1))))
        x4 = F.relu(self.in4(x2))
        for block in self.mid4:
            x4 = block(x4)
        x = F.relu(self.in8(F.relu(x4)))
        x = x + self.fetched(self.fetch(x, keys, values))
        for k, block in enumerate(self.blocks):
            n = self.sizes[k]
            x = block(x, (parts[k][:, :n], parts[k][:, n:]))

        def up(t: torch.Tensor) -> torch.Tensor:
            return F.interpolate(t, scale_factor=2.0, mode="nearest")

        x = F.relu(self.out4(F.relu(up(self.up4(x)) + x4)))
        x = self.out2(F.relu(up(self.up2(x)) + x2))
        n = self.sizes[-1]
        x = F.relu(x * (1 + parts[-1][:, :n]) + parts[-1][:, n:])
        x = F.relu(self.out1(F.relu(up(self.up1(x)) + x1)))
        return self.head(x).float() * maps[:, data.MASK:data.MASK + 1].float()

    def forward(self, picture: torch.Tensor, maps: torch.Tensor, *appearance: torch.Tensor) -> torch.Tensor:
        """For training: R, G, B 0..1 and maps at the same size; difference of colour."""
        return unpack(self.difference(pack(picture - 0.5), F.avg_pool2d(maps, 2), *appearance))


class Video(nn.Module):
    """I420 in bytes -> planes. Rows 0..E-1 are Y, then U and V as planes of E/2 x E/2, one after the other."""

    def __init__(self, edge: int) -> None:
        super().__init__()
        self.edge = edge

    def planes(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        e = self.edge
        y = (picture[:, :e].float() - 16) * (1 / 219) - 0.5
        c = (picture[:, e:].reshape(-1, 2, e // 2, e // 2).float() - 128) * (1 / 224)
        phases = [y[:, i::2, j::2].unsqueeze(1) for i in range(2) for j in range(2)]
        return torch.cat(phases, 1), c


class VideoEncoder(Video):
    """What is exported: picture N 3E/2 E and maps N M E/2 E/2, all bytes."""

    def __init__(self, e: Encoder, edge: int) -> None:
        super().__init__(edge)
        self.e = e

    def forward(self, picture: torch.Tensor, maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        luma, chroma = self.planes(picture)
        return self.e.look(torch.cat([luma.mean(1, keepdim=True), chroma], 1), maps.float() * (1 / 255))


class VideoGenerator(Video):
    """What is exported: the picture comes back as bytes. Where the mask is zero it comes back unchanged."""

    def __init__(self, g: Generator, edge: int) -> None:
        super().__init__(edge)
        self.g = g

    def forward(self, picture: torch.Tensor, maps: torch.Tensor, keys: torch.Tensor, values: torch.Tensor,
                style: torch.Tensor) -> torch.Tensor:
        e = self.edge
        d = self.g.difference(torch.cat(self.planes(picture), 1), maps.float() * (1 / 255), keys, values, style)
        luma = F.pixel_shuffle(d[:, :4], 2).reshape(-1, e, e) * 219
        chroma = d[:, 4:].reshape(-1, e // 2, e) * 224
        bytes_ = picture.float() + torch.cat([luma, chroma], 1) + 0.5  # a cast cuts off what follows the point
        return torch.cat([bytes_[:, :e].clamp(16, 235.5), bytes_[:, e:].clamp(16, 240.5)], 1).to(torch.uint8)
