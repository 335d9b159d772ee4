"""Contrastive terms: pictures of one concept agree, and agree with its label.

Used alone to warm the resampler up (warm_up.py) and as a small auxiliary loss in
the main run (train.py). Its two projections are not part of the bridge.
"""

import torch
import torch.nn.functional as F
from torch import nn

from language_model import LanguageModel, rms_norm, token_ids
from pictures import Concept

TEXT_LAYER, SPACE = 12, 256


@torch.no_grad()
def label_vectors(lm: LanguageModel, concepts: list[Concept]) -> torch.Tensor:
    """[n, 1152]: mean over a label's tokens of layer 12 and of the embedding."""
    rows = []
    for concept in concepts:
        ids = torch.tensor([token_ids(" " + concept.label)])
        embedded = x = lm.embed(ids)
        for layer in range(TEXT_LAYER):
            x, _ = lm.layer(layer, x)
        deep = rms_norm(x, torch.ones(x.shape[-1]))[0]
        # Position 0 is an attention sink and says nothing, unless it is alone.
        deep = deep[1:].mean(0) if len(deep) > 1 else deep[0]
        shallow = embedded[0].mean(0)
        rows.append(torch.cat([deep, shallow / shallow.norm() * 24]))
    vectors = torch.stack(rows)
    return (vectors - vectors.mean(0)) / (vectors.std(0) + 1e-3)


class Contrast(nn.Module):
    """Projects mean latents and label vectors to one space and compares them."""

    def __init__(self, width: int, labels: torch.Tensor, numbers: dict[str, int]):
        super().__init__()
        self.labels, self.numbers = labels, numbers
        self.picture = nn.Linear(width, SPACE)
        self.text = nn.Linear(labels.shape[1], SPACE)
        self.log_scale = nn.Parameter(torch.tensor(2.3))

    def forward(self, latents: torch.Tensor, concepts: list[str]) -> torch.Tensor:
        """latents [n, r, width] of the named concepts -> scalar loss."""
        numbers = torch.tensor([self.numbers[c] for c in concepts])
        scale = self.log_scale.exp().clamp(max=50)
        z = F.normalize(self.picture(latents.float().mean(1)), dim=1)
        unique, target = numbers.unique(return_inverse=True)
        t = F.normalize(self.text(self.labels[unique]), dim=1)
        loss = F.cross_entropy(scale * z @ t.T, target)
        same = numbers[:, None] == numbers
        same.fill_diagonal_(False)
        paired = same.any(1)
        if paired.any():
            scores = (scale * z @ z.T).masked_fill(
                torch.eye(len(z), dtype=torch.bool), -1e4
            )
            log_p = scores.log_softmax(1)
            mean = (log_p * same).sum(1)[paired] / same.sum(1)[paired]
            loss = loss - mean.mean()
        return loss
