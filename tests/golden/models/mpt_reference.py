"""MPT in PyTorch from its formulas, with what transformers' own model leaves
out: norms of whole queries and keys, biases, learnt positions, shared key
heads, a factor of the logits. Tensor names are those of transformers.

Follows llm-foundry 0.22.0 (its `attention.py` and `modeling_mpt.py`), which
cannot be imported without its training stack.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


def slopes(heads: int, bias_max: float) -> torch.Tensor:
    """Slopes of ALiBi; of the next power of two, every second one, then the rest."""
    power = 2 ** math.ceil(math.log2(heads))
    all_slopes = 0.5 ** (torch.arange(1, power + 1) * bias_max / power)
    if power == heads:
        return all_slopes
    return torch.cat([all_slopes[1::2], all_slopes[0::2]])[:heads]


class Attention(nn.Module):
    def __init__(self, c: dict) -> None:
        super().__init__()
        self.c, self.k = c, c["width"] // c["heads"]
        self.sizes = [c["width"], c["kv_heads"] * self.k, c["kv_heads"] * self.k]
        self.Wqkv = nn.Linear(c["width"], sum(self.sizes), bias=c["bias"])
        if c["qk_ln"]:
            self.q_ln = nn.LayerNorm(self.sizes[0], c["eps"], bias=c["bias"])
            self.k_ln = nn.LayerNorm(self.sizes[1], c["eps"], bias=c["bias"])
        self.out_proj = nn.Linear(c["width"], c["width"], bias=c["bias"])

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        fused = self.Wqkv(x)
        if self.c["clip"]:
            fused = fused.clamp(-self.c["clip"], self.c["clip"])
        q, k, v = fused.split(self.sizes, -1)
        if self.c["qk_ln"]:
            q, k = self.q_ln(q), self.k_ln(k)
        q, k, v = (y.unflatten(-1, (-1, self.k)).transpose(1, 2) for y in (q, k, v))
        k, v = (y.repeat_interleave(self.c["heads"] // self.c["kv_heads"], 1) for y in (k, v))
        scores = q @ k.transpose(2, 3) * (self.c["scale"] or self.k**-0.5)
        if self.c["alibi"]:
            at = torch.arange(x.shape[1])
            distance = at[:, None] - at[None, :]
            scores = scores - slopes(self.c["heads"], self.c["bias_max"])[:, None, None] * distance
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        return self.out_proj((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, c: dict) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(c["width"], c["eps"], bias=c["bias"])
        self.attn = Attention(c)
        self.norm_2 = nn.LayerNorm(c["width"], c["eps"], bias=c["bias"])
        self.ffn = nn.Module()
        self.ffn.up_proj = nn.Linear(c["width"], c["ffn"], bias=c["bias"])
        self.ffn.down_proj = nn.Linear(c["ffn"], c["width"], bias=c["bias"])

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.norm_1(x), mask)
        return x + self.ffn.down_proj(F.gelu(self.ffn.up_proj(self.norm_2(x))))


class MptReference(nn.Module):
    def __init__(self, **c) -> None:
        super().__init__()
        self.c = c
        self.transformer = t = nn.Module()
        t.wte = nn.Embedding(c["vocabulary"], c["width"])
        if not c["alibi"]:
            t.wpe = nn.Embedding(c["context"], c["width"])
        t.blocks = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        t.norm_f = nn.LayerNorm(c["width"], c["eps"], bias=c["bias"])
        if not c["tied"]:
            self.lm_head = nn.Linear(c["width"], c["vocabulary"], bias=False)

    def forward(self, ids: torch.Tensor, kept: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """`ids`, `kept` (0 for padding) and `positions` [b, l] to logits [b, l, v]."""
        t = self.transformer
        x = t.wte(ids)
        if not self.c["alibi"]:
            x = x + t.wpe(positions)
        length = ids.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        mask = causal & kept.bool()[:, None, None, :]
        for block in t.blocks:
            x = block(x, mask)
        head = t.wte.weight if self.c["tied"] else self.lm_head.weight
        return t.norm_f(x) @ head.T * self.c["logit_scale"]
