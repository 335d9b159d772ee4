"""Running the trained bridge: a prefix once, then continuations from its cache."""

from dataclasses import dataclass

import torch
from safetensors.torch import load_file

import settings
from bridge import Bridge, Shape
from export import private
from language_model import LAYERS, LanguageModel, tokenizer


@dataclass
class Prefix:
    """Caches of rows of one length, the latents of each row's last picture, and
    the logits after the last token."""

    past: list[tuple[torch.Tensor, torch.Tensor]]
    media: torch.Tensor
    logits: torch.Tensor

    def repeated(self, rows: torch.Tensor) -> "Prefix":
        past = [(k[rows], v[rows]) for k, v in self.past]
        return Prefix(past, self.media[rows], self.logits[rows])


def load_bridge(path, shape: Shape = Shape()) -> Bridge:
    bridge = Bridge(shape)
    bridge.load_state_dict(private(load_file(path)))
    return bridge.eval()


class Session:
    """The frozen decoder with a bridge, for inference."""

    def __init__(self, lm: LanguageModel, bridge: Bridge):
        self.lm, self.bridge = lm, bridge

    def autocast(self):
        reduced = self.lm.dtype == torch.bfloat16
        return torch.autocast("cpu", torch.bfloat16, enabled=reduced)

    @torch.no_grad()
    def latents(self, z: torch.Tensor) -> torch.Tensor:
        """z [n, 25, 1664] -> [n, r, width]."""
        with self.autocast():
            return self.bridge.perceiver(z)

    @torch.no_grad()
    def prefix(self, ids: torch.Tensor, latents: torch.Tensor) -> Prefix:
        """ids [b, l], every row of the same length; latents [b, m, r, width]."""
        order = (ids == settings.IMAGE).cumsum(1)
        own = (order - 1).clamp(min=0)[:, :, None] == torch.arange(latents.shape[1])
        mask = own.repeat_interleave(latents.shape[2], 2)[:, None]
        x, past = self.run(
            self.lm.embed(ids),
            latents.flatten(1, 2),
            mask,
            (order > 0).float()[..., None],
            [None] * LAYERS,
        )
        last = latents[torch.arange(len(ids)), order[:, -1] - 1]
        with self.autocast():
            return Prefix(past, last, self.lm.logits(x[:, -1]))

    @torch.no_grad()
    def extend(self, prefix: Prefix, ids: torch.Tensor):
        """Hidden states [b, l, 576] of further text tokens, and the grown caches."""
        length = ids.shape[1]
        before = prefix.past[0][0].shape[2]
        causal = torch.ones(length, before + length, dtype=torch.bool).tril(before)
        return self.run(
            self.lm.embed(ids), prefix.media, None, 1.0, prefix.past, causal
        )

    def run(self, x, media, mask, seen, past, causal=None):
        grown = []
        with self.autocast():
            for i in range(LAYERS):
                if str(i) in self.bridge.blocks:
                    x = self.bridge.blocks[str(i)](x, media, mask, seen)
                x, kv = self.lm.layer(i, x, causal, past[i])
                grown.append(kv)
        return x, grown

    def greedy(self, prefix: Prefix, limit: int = 16) -> list[str]:
        """The likeliest continuation of each row, up to the end of the chunk."""
        tokens, state = [prefix.logits.argmax(-1)], prefix
        while len(tokens) < limit:
            if (torch.stack(tokens) == settings.END_OF_CHUNK).any(0).all():
                break
            x, past = self.extend(state, tokens[-1][:, None])
            with self.autocast():
                logits = self.lm.logits(x[:, -1])
            state = Prefix(past, state.media, logits)
            tokens.append(logits.argmax(-1))
        return [self.text(row) for row in torch.stack(tokens, 1).tolist()]

    @staticmethod
    def text(ids: list[int]) -> str:
        if settings.END_OF_CHUNK in ids:
            ids = ids[: ids.index(settings.END_OF_CHUNK)]
        return tokenizer().decode(ids).strip()

    @torch.no_grad()
    def score(self, prefix: Prefix, candidates: list[list[list[int]]]):
        """Mean log-likelihood of each row's candidates (token lists with their end)."""
        rows = torch.tensor([b for b, c in enumerate(candidates) for _ in c])
        flat = [tokens for row in candidates for tokens in row]
        length = max(map(len, flat))
        ids = torch.zeros(len(flat), length, dtype=torch.long)
        real = torch.zeros(len(flat), length, dtype=torch.bool)
        for i, tokens in enumerate(flat):
            ids[i, : len(tokens)] = torch.tensor(tokens)
            real[i, : len(tokens)] = True
        state = prefix.repeated(rows)
        first = state.logits.log_softmax(-1)
        total = first[torch.arange(len(flat)), ids[:, 0]]
        if length > 1:
            x, _ = self.extend(state, ids[:, :-1])
            wanted = real[:, 1:]
            with self.autocast():
                log_p = self.lm.logits(x[wanted]).log_softmax(-1)
            values = torch.zeros(wanted.shape)
            values[wanted] = log_p.gather(1, ids[:, 1:][wanted][:, None])[:, 0]
            total = total + values.sum(1)
        means = (total / real.sum(1)).tolist()
        out, at = [], 0
        for row in candidates:
            out.append(means[at : at + len(row)])
            at += len(row)
        return out
