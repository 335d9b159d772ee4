"""Reads the cached features: rows by (concept, style, variant), z-scored, jittered."""

import json
import random

import numpy as np
import torch
from safetensors.torch import load_file

import settings
from cache_features import VARIANTS
from pictures import Concept

CLIP = 5.0


class Features:
    """The cache as a lookup; a picture is (concept, style, variant)."""

    def __init__(self):
        folder = settings.FEATURES
        self.rows = json.loads((folder / "index.json").read_text())
        self.values = np.load(folder / "features.npy", mmap_mode="r")
        scale = load_file(folder / "scale.safetensors")
        self.mean, self.std = scale["vision.mean"], scale["vision.std"]

    def row(self, concept: Concept, style: str, variant: int = 0) -> int:
        return self.rows[f"{concept.hex}|{style}|{variant}"]

    def any_row(self, concept: Concept, style: str, rng: random.Random) -> int:
        """A random variant, the clean one as often as any other."""
        key = f"{concept.hex}|{style}|{rng.randint(0, VARIANTS)}"
        return self.rows.get(key, self.rows[f"{concept.hex}|{style}|0"])

    def read(self, rows: list[int]) -> torch.Tensor:
        """[n, 25, 1664], z-scored and clipped to +-5."""
        raw = torch.from_numpy(self.values[rows].astype(np.float32))
        return ((raw - self.mean) / self.std).clamp_(-CLIP, CLIP)


def cross(z: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """A new drawing from two of one concept: a third of the pictures are blended,
    a third take some channels from the other, a third some positions."""
    n, positions, channels = z.shape
    share = torch.rand(n, 1, 1) * 0.6
    kind = torch.randint(3, (n, 1, 1))
    weight = torch.where(kind == 0, share, 0.0)
    by_channel = (torch.rand(n, 1, channels) < share) & (kind == 1)
    by_position = (torch.rand(n, positions, 1) < share) & (kind == 2)
    weight = torch.maximum(weight, (by_channel | by_position).float())
    return z * (1 - weight) + other * weight


def jitter(z: torch.Tensor) -> torch.Tensor:
    """Moves each picture's channel statistics, as another drawing style would.

    Two pictures of three get their own gain and offset per channel, shared by all
    positions, and up to a third of their channels silenced.
    """
    n, _, channels = z.shape
    chosen = (torch.rand(n, 1, 1) < 0.67).float()
    strength = torch.rand(n, 1, 1) * chosen
    gain = 1 + 0.4 * strength * torch.randn(n, 1, channels)
    offset = 0.6 * strength * torch.randn(n, 1, channels)
    silenced = torch.rand(n, 1, channels) < torch.rand(n, 1, 1) * 0.33 * chosen
    return (z * gain + offset).masked_fill(silenced, 0).clamp_(-CLIP, CLIP)
