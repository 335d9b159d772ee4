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


def jitter(z: torch.Tensor) -> torch.Tensor:
    """Moves each picture's channel statistics, as another drawing style would.

    Half of the pictures get their own gain and offset per channel (a coarse one,
    shared by all positions), and a tenth of the channels silenced.
    """
    n, _, channels = z.shape
    chosen = (torch.rand(n, 1, 1) < 0.5).float()
    strength = torch.rand(n, 1, 1) * chosen
    gain = 1 + 0.35 * strength * torch.randn(n, 1, channels)
    offset = 0.45 * strength * torch.randn(n, 1, channels)
    kept = 1 - chosen * (torch.rand(n, 1, channels) < 0.1)
    return ((z * gain + offset) * kept).clamp_(-CLIP, CLIP)
