"""Perceiver Resamplers of the paper and of flamingo-mini, from the formulas.

Flamingo, section 2.1 and appendix A.1.1: time embeddings are added to each
frame's features, latents read features and latents together, layer by layer:
x <- x + attention(q = x, kv = [features, x]); x <- x + W2 act(W1 norm(x)).
Layer norms stand before the attention (features and latents each have one),
before the feed-forward layer and at the end.
"""

import torch
from torch import Tensor, nn

ACTIVATIONS = {
    "squared_relu": lambda x: torch.relu(x) ** 2,
    "gelu": nn.functional.gelu,
    "relu": torch.relu,
}


def rows_for(table: Tensor, frames: int) -> Tensor:
    """Time embeddings [N, d] of some frames; more than N lie on lines between."""
    if frames <= len(table):
        return table[:frames]
    columns = table.t()[None]  # [1, d, N]
    return nn.functional.interpolate(columns, frames, mode="linear", align_corners=True)[0].t()


def random_norm(width: int) -> nn.LayerNorm:
    norm = nn.LayerNorm(width)
    nn.init.normal_(norm.weight, 1, 0.2)
    nn.init.normal_(norm.bias, 0, 0.3)
    return norm


class Resampler:
    """Random weights under the names of a dialect, and what they compute."""

    def __init__(self, *, inputs, width, depth, latents, heads, head_dim, frames, activation, is_mini):
        self.heads, self.activation, self.depth, self.is_mini = heads, ACTIVATIONS[activation], depth, is_mini
        inner, normal = heads * head_dim, lambda *shape: 0.3 * torch.randn(*shape)
        self.weights: dict[str, Tensor] = {"latents": normal(latents, width)}
        if inputs != width:
            self.weights |= {"proj_in.weight": normal(width, inputs), "proj_in.bias": normal(width)}
        if frames:
            name, shape = ("time_pos_emb", (frames, 1, width)) if is_mini else ("frame_embs", (frames, width))
            self.weights[name] = normal(*shape)
        for i in range(depth):
            at = f"layers.{i}"
            kv = {"to_k": inner, "to_v": inner} if is_mini else {"to_kv": 2 * inner}
            for name, size in {"to_q": inner, **kv}.items():
                self.weights[f"{at}.0.{name}.weight"] = normal(size, width)
            self.weights[f"{at}.0.to_out.weight"] = normal(width, inner)
            self.weights[f"{at}.1.1.weight"] = normal(4 * width, width)
            self.weights[f"{at}.1.3.weight"] = normal(width, 4 * width)
            for name in ("0.norm_media", "0.norm_latents", "1.0"):
                self.add_norm(f"{at}.{name}", width)
        self.add_norm("norm", width)

    def add_norm(self, name: str, width: int) -> None:
        norm = random_norm(width)
        self.weights |= {f"{name}.{key}": value.detach() for key, value in norm.state_dict().items()}

    def norm(self, name: str, x: Tensor) -> Tensor:
        w = self.weights
        return nn.functional.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"], 1e-5)

    def attend(self, at: str, features: Tensor, latents: Tensor) -> Tensor:
        w = self.weights
        x, l = self.norm(f"{at}.norm_media", features), self.norm(f"{at}.norm_latents", latents)
        both = torch.cat((x, l), 1)
        if self.is_mini:
            k, v = both @ w[f"{at}.to_k.weight"].t(), both @ w[f"{at}.to_v.weight"].t()
        else:
            k, v = (both @ w[f"{at}.to_kv.weight"].t()).chunk(2, -1)
        q = l @ w[f"{at}.to_q.weight"].t()
        q, k, v = (t.unflatten(-1, (self.heads, -1)).transpose(1, 2) for t in (q, k, v))
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        read = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        return read @ w[f"{at}.to_out.weight"].t()

    def __call__(self, features: Tensor) -> Tensor:
        """features [b, f, n, d] -> latents [b, r, w]."""
        w = self.weights
        if "proj_in.weight" in w:
            features = features @ w["proj_in.weight"].t() + w["proj_in.bias"]
        table = w.get("time_pos_emb", w.get("frame_embs"))
        if table is not None:
            rows = rows_for(table.reshape(len(table), -1), features.shape[1])
            features = features + rows[None, :, None]
        x = features.flatten(1, 2)
        l = w["latents"].expand(len(x), -1, -1)
        for i in range(self.depth):
            l = l + self.attend(f"layers.{i}.0", x, l)
            h = self.norm(f"layers.{i}.1.0", l) @ w[f"layers.{i}.1.1.weight"].t()
            l = l + self.activation(h) @ w[f"layers.{i}.1.3.weight"].t()
        return self.norm("norm", l)
