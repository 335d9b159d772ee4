"""What is trained: the Perceiver resampler and the gated cross-attention blocks.

Both follow OpenFlamingo's dialect and tensor names (export.py), plus an input
projection with bias and learned positions in the resampler.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn

import settings
from encoder import CHANNELS, POSITIONS
from language_model import LAYERS, WIDTH, LanguageModel

# RMS of SmolLM2's residual stream before each layer, measured once. A fresh branch
# is about 0.2 and would be invisible next to it, so each branch is scaled by its
# layer's figure; export.py folds the factor into the last matrix of the branch.
RESIDUAL_RMS = (
    2.0, 2.48, 3.34, 3.56, 3.84, 4.08, 4.29, 4.65, 5.25, 6.03,
    6.42, 6.57, 6.48, 6.4, 6.61, 6.79, 7.62, 8.14, 8.19, 8.97,
    9.57, 10.72, 12.11, 13.42, 15.35, 18.49, 20.62, 22.2, 26.78, 29.88,
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """Sizes of the bridge. `layers`: decoder layers that get a gated block before."""

    layers: tuple[int, ...] = (1, 4, 8, 13, 19, 25)
    width: int = 384
    depth: int = 2
    latents: int = 16
    heads: int = 8
    head_dim: int = 48
    ff_mult: int = 2
    cross_heads: int = 8
    cross_head_dim: int = 64
    cross_ff_mult: int = 1

    def describe(self) -> dict:
        """The same in the words of presets/bridge_shape.json."""
        return {
            "layers": list(self.layers),
            "resampler": {
                "width": self.width,
                "depth": self.depth,
                "latents": self.latents,
                "heads": self.heads,
                "headDim": self.head_dim,
                "ffMult": self.ff_mult,
            },
            "crossAttention": {
                "heads": self.cross_heads,
                "headDim": self.cross_head_dim,
                "ffMult": self.cross_ff_mult,
            },
        }

    def as_dict(self) -> dict:
        return asdict(self)


def feed_forward(width: int, mult: int) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(width),
        nn.Linear(width, width * mult, bias=False),
        nn.GELU(),
        nn.Linear(width * mult, width, bias=False),
    )


def split_heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


class PerceiverAttention(nn.Module):
    """Latents ask; positions and latents answer."""

    def __init__(self, s: Shape):
        super().__init__()
        inner, self.heads = s.heads * s.head_dim, s.heads
        self.norm_media = nn.LayerNorm(s.width)
        self.norm_latents = nn.LayerNorm(s.width)
        self.to_q = nn.Linear(s.width, inner, bias=False)
        self.to_kv = nn.Linear(s.width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, s.width, bias=False)

    def forward(self, x, latents):
        latents = self.norm_latents(latents)
        k, v = self.to_kv(torch.cat([self.norm_media(x), latents], 1)).chunk(2, -1)
        q, k, v = (split_heads(t, self.heads) for t in (self.to_q(latents), k, v))
        out = F.scaled_dot_product_attention(q, k, v)
        return self.to_out(out.transpose(1, 2).flatten(2))


class Resampler(nn.Module):
    """[b, 25, 1664] z-scored features -> [b, latents, width]."""

    def __init__(self, s: Shape):
        super().__init__()
        self.proj_in = nn.Linear(CHANNELS, s.width)
        self.positions = nn.Parameter(torch.randn(POSITIONS, s.width) * 0.02)
        self.latents = nn.Parameter(torch.randn(s.latents, s.width) * 0.3)
        self.layers = nn.ModuleList(
            nn.ModuleList([PerceiverAttention(s), feed_forward(s.width, s.ff_mult)])
            for _ in range(s.depth)
        )
        self.norm = nn.LayerNorm(s.width)

    def forward(self, features):
        x = self.proj_in(features).float() + self.positions
        latents = self.latents.expand(len(features), -1, -1)
        for attention, ff in self.layers:
            latents = latents + attention(x, latents).float()
            latents = latents + ff(latents).float()
        return self.norm(latents)


class CrossAttention(nn.Module):
    """Text asks, the latents of its latest picture answer."""

    def __init__(self, s: Shape):
        super().__init__()
        inner, self.heads = s.cross_heads * s.cross_head_dim, s.cross_heads
        self.norm = nn.LayerNorm(WIDTH)
        self.to_q = nn.Linear(WIDTH, inner, bias=False)
        self.to_kv = nn.Linear(s.width, 2 * inner, bias=False)
        self.to_out = nn.Linear(inner, WIDTH, bias=False)

    def forward(self, x, media, mask):
        k, v = self.to_kv(media).chunk(2, -1)
        q, k, v = (split_heads(t, self.heads) for t in (self.to_q(self.norm(x)), k, v))
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.to_out(out.transpose(1, 2).flatten(2))


class GatedBlock(nn.Module):
    """x + tanh(gate) attention, then x + tanh(gate) feed-forward (on every token)."""

    def __init__(self, s: Shape, layer: int):
        super().__init__()
        self.scale = RESIDUAL_RMS[layer]
        self.attn = CrossAttention(s)
        self.ff = feed_forward(WIDTH, s.cross_ff_mult)
        self.attn_gate = nn.Parameter(torch.zeros(1))
        self.ff_gate = nn.Parameter(torch.zeros(1))
        with torch.no_grad():
            self.attn.to_out.weight.mul_(0.5)
            self.ff[3].weight.mul_(0.5)

    def forward(self, x, media, mask, seen):
        """mask [b, 1, l, m*r]; seen [b, l, 1] is 0 before the first picture."""
        attended = self.attn(x, media, mask).float() * seen
        x = x + self.scale * torch.tanh(self.attn_gate) * attended
        return x + self.scale * torch.tanh(self.ff_gate) * self.ff(x).float()


class Bridge(nn.Module):
    """Resampler and gated blocks; `forward` runs the frozen decoder with them."""

    def __init__(self, shape: Shape = Shape()):
        super().__init__()
        self.shape = shape
        self.perceiver = Resampler(shape)
        self.blocks = nn.ModuleDict(
            {str(layer): GatedBlock(shape, layer) for layer in shape.layers}
        )

    def forward(self, lm: LanguageModel, ids, latents):
        """ids [b, l], latents [b, media, r, width] -> hidden states [b, l, 576]."""
        b, media, r, _ = latents.shape
        order = (ids == settings.IMAGE).cumsum(1)
        seen = (order > 0).float()[..., None]
        own = (order - 1).clamp(min=0)[:, :, None] == torch.arange(media)
        mask = own.repeat_interleave(r, 2)[:, None]
        flat, x = latents.flatten(1, 2), lm.embed(ids)
        for layer in range(LAYERS):
            if str(layer) in self.blocks:
                x = self.blocks[str(layer)](x, flat, mask, seen)
            x, _ = lm.layer(layer, x)
        return x
