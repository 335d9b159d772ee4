"""Golden data of the Chinchilla type of decoder, from PyTorch.

    python make_chinchilla.py

No weights and no code of these models were published, so the reference here is
written from the formulas: RMS norms before each layer (Gopher, Rae et al.,
2021), relative positions by Transformer-XL (Dai et al., 2019, section 3.3),
with position weights and both biases in each layer.
Made with torch 2.13.0 (version in the files).
"""

import json

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from golden_language import HERE, randomise, write_logits

ACTIVATIONS = {"gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "gelu": F.gelu,
               "squared_relu": lambda x: F.relu(x) ** 2}


class RmsNorm(nn.Module):
    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * (x.pow(2).mean(-1, keepdim=True) + self.eps).rsqrt() * self.weight


def sinusoid(distance: torch.Tensor, width: int) -> torch.Tensor:
    """R of the paper: sines, then cosines, of every distance."""
    angle = distance[..., None] * 10000.0 ** (-torch.arange(0, width, 2).double() / width)
    return torch.cat([angle.sin(), angle.cos()], -1).float()


class Attention(nn.Module):
    def __init__(self, c: dict) -> None:
        super().__init__()
        self.c, inner = c, c["heads"] * c["headDim"]
        for name in ("query", "key", "value", "position"):
            setattr(self, name, nn.Linear(c["width"], inner, bias=False))
        self.out = nn.Linear(inner, c["width"], bias=False)
        self.content_bias = nn.Parameter(torch.zeros(c["heads"], c["headDim"]))
        self.position_bias = nn.Parameter(torch.zeros(c["heads"], c["headDim"]))

    def forward(self, x: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        heads = (self.c["heads"], self.c["headDim"])
        q, k, v = (p(x).unflatten(-1, heads) for p in (self.query, self.key, self.value))
        at = torch.arange(x.shape[1])
        distance = (at[:, None] - at[None, :]).clamp(min=0)
        r = self.position(sinusoid(distance, self.c["width"])).unflatten(-1, heads)  # [i, j, h, k]
        content = torch.einsum("bihk,bjhk->bhij", q + self.content_bias, k)
        position = torch.einsum("bihk,ijhk->bhij", q + self.position_bias, r)
        scores = (content + position) * self.c["headDim"] ** -0.5
        mask = (at[:, None] >= at[None, :]) & kept.bool()[:, None, None, :]
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        return self.out(torch.einsum("bhij,bjhk->bihk", scores.softmax(-1), v).flatten(2))


class Block(nn.Module):
    def __init__(self, c: dict) -> None:
        super().__init__()
        self.c = c
        self.attention_norm = RmsNorm(c["width"], c["normEps"])
        self.attention = Attention(c)
        self.ffn_norm = RmsNorm(c["width"], c["normEps"])
        self.ffn = nn.Module()
        self.ffn.up = nn.Linear(c["width"], c["ffnWidth"], bias=False)
        self.ffn.down = nn.Linear(c["ffnWidth"], c["width"], bias=False)

    def forward(self, x: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.attention_norm(x), kept)
        return x + self.ffn.down(ACTIVATIONS[self.c["activation"]](self.ffn.up(self.ffn_norm(x))))


class Chinchilla(nn.Module):
    def __init__(self, c: dict) -> None:
        super().__init__()
        self.embed = nn.Embedding(c["vocabulary"], c["width"])
        self.blocks = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.norm = RmsNorm(c["width"], c["normEps"])
        self.head = None if c["isTied"] else nn.Linear(c["width"], c["vocabulary"], bias=False)

    def forward(self, ids: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, kept)
        x = self.norm(x)
        return x @ self.embed.weight.T if self.head is None else self.head(x)


class Output:
    """What `write_logits` reads of a model's result."""

    def __init__(self, logits: torch.Tensor) -> None:
        self.logits = logits


def tiny(name: str, seed: int, std: float, section: dict, **usual: object) -> None:
    """`section` is written to the config, `usual` are sizes that it leaves out."""
    torch.manual_seed(seed)
    c = {**section, **usual}
    model = Chinchilla(c).eval()
    randomise(model, std)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tensors = {k: v.contiguous() for k, v in model.state_dict().items()}
    save_file(tensors, folder / "model.safetensors", {"torch": torch.__version__})
    language = {"part": "chinchilla/decoder", "weights": "model.safetensors", **section}
    config = {"kind": "language", "schema": 1, "name": name, "language": language}
    (folder / "model.json").write_text(json.dumps(config, indent=2) + "\n")
    write_logits(folder, lambda input_ids, attention_mask, **_: Output(model(input_ids, attention_mask)),
                 c["vocabulary"], 23)


if __name__ == "__main__":
    torch.set_num_threads(1)
    # A context longer than 8 rows of heads: single tokens and prompts go by
    # different ways.
    tiny(
        "chinchilla_usual", 31, 0.25, dict(layers=2, width=36, heads=3, vocabulary=131, context=64),
        headDim=12, ffnWidth=144, normEps=1e-5, activation="gelu_tanh", isTied=True,
    )
    tiny(
        "chinchilla_wide", 32, 0.3,
        dict(layers=2, width=30, heads=5, headDim=10, ffnWidth=66, vocabulary=101, context=300, normEps=1e-3,
             activation="gelu", isTied=False),
    )
    tiny(
        "chinchilla_short", 33, 0.3,
        dict(layers=3, width=24, heads=4, vocabulary=67, context=32, ffnWidth=40, activation="squared_relu"),
        headDim=6, normEps=1e-5, isTied=True,
    )
