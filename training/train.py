"""The main run: the bridge learns to make the frozen language model speak.

    python train.py --seconds 4200

The learning rate follows the share of the time budget that is used, so a run
always ends annealed, whatever else the machine does. It resumes from its last
checkpoint (every 8 minutes); `--fresh` starts again.
"""

import argparse
import json
import math
import os
import random
import time

import torch
import torch.nn.functional as F

import settings
from bridge import Bridge
from concepts import split
from contrast import Contrast, label_vectors
from episodes import Batch, Episodes
from export import export
from features import Features, jitter
from language_model import LanguageModel

RATE, RESAMPLER_RATE, GATE_RATE = 1e-3, 5e-4, 3e-3
WARM_STEPS, RAMP_STEPS, RAMP_TO = 40, 40, 0.4
EMA = 0.99
CONTRAST_WEIGHT = 0.15
CHECKPOINT_SECONDS = 480
# Shares of the kinds of sequence: to a sixth of the budget, and after it.
EARLY = {"made_up": 0.32, "match": 0.2, "row": 0.28, "single": 0.1, "questions": 0.1}
LATER = {"made_up": 0.18, "match": 0.12, "row": 0.3, "single": 0.28, "questions": 0.12}


def groups(bridge: Bridge, contrast: Contrast) -> list[dict]:
    """Parameter groups: decayed matrices, vectors, gates, resampler, contrast."""
    found = {"matrix": [], "vector": [], "gate": [], "resampler": []}
    for name, p in bridge.named_parameters():
        if name.endswith("_gate"):
            kind = "gate"
        elif name.startswith("perceiver."):
            kind = "resampler"
        else:
            kind = "matrix" if p.dim() > 1 else "vector"
        found[kind].append(p)
    rows = [
        ("matrix", RATE, 0.1),
        ("vector", RATE, 0.0),
        ("gate", GATE_RATE, 0.0),
        ("resampler", RESAMPLER_RATE, 0.02),
    ]
    made = [
        {"params": found[k], "base": lr, "lr": lr, "weight_decay": decay}
        for k, lr, decay in rows
    ]
    other = list(contrast.parameters())
    return [*made, {"params": other, "base": RATE, "lr": RATE, "weight_decay": 0.0}]


class Trainer:
    """Everything a step needs, and how to save and restore it."""

    def __init__(self):
        torch.manual_seed(0)
        trained = split()[0]
        self.lm = LanguageModel()
        self.episodes = Episodes(Features())
        self.bridge = Bridge()
        labels = label_vectors(self.lm, trained)
        numbers = {c.hex: i for i, c in enumerate(trained)}
        self.contrast = Contrast(self.bridge.shape.width, labels, numbers)
        warm = torch.load(settings.RUNS / "warm_up.pt")
        self.bridge.perceiver.load_state_dict(warm["perceiver"])
        self.contrast.load_state_dict(warm["contrast"])
        self.optimizer = torch.optim.AdamW(
            groups(self.bridge, self.contrast), betas=(0.9, 0.98), fused=True
        )
        self.mean = {k: v.clone() for k, v in self.bridge.state_dict().items()}
        self.step, self.elapsed, self.recent = 0, 0.0, {}

    def schedule(self, share: float) -> None:
        """Sets the rates; ramps the gates open over the first steps."""
        cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1, share)))
        warm = min(1, (self.step + 1) / WARM_STEPS)
        for group in self.optimizer.param_groups:
            group["lr"] = group["base"] * warm * cosine
        if self.step < RAMP_STEPS:
            self.optimizer.param_groups[2]["lr"] = 0.0
            opened = RAMP_TO * (self.step + 1) / RAMP_STEPS
            with torch.no_grad():
                for block in self.bridge.blocks.values():
                    block.attn_gate.fill_(opened)
                    block.ff_gate.fill_(opened)

    def losses(self, batch: Batch):
        """Cross-entropy of the taught tokens, and the contrastive term."""
        rows = len(batch.ids)
        with torch.autocast("cpu", torch.bfloat16):
            latents = self.bridge.perceiver(jitter(batch.features))
            x = self.bridge(self.lm, batch.ids, latents.unflatten(0, (rows, -1)))
            taught = batch.taught[:, 1:]
            logits = self.lm.logits(x[:, :-1][taught])
        target = batch.ids[:, 1:][taught]
        caption = F.cross_entropy(logits, target)
        right = (logits.argmax(-1) == target).float().mean().item()
        self.note(batch.kind, caption.item(), right)
        return caption, self.contrast(latents, batch.concepts)

    def note(self, kind: str, loss: float, right: float) -> None:
        entry = self.recent.setdefault(kind, [0.0, 0.0, 0])
        for i, value in enumerate((loss, right, 1)):
            entry[i] += value

    def run_step(self, share: float) -> None:
        rng = random.Random(self.step * 7919 + 1)
        mixture = EARLY if share < 1 / 6 else LATER
        kind = rng.choices(list(mixture), list(mixture.values()))[0]
        self.schedule(share)
        caption, contrast = self.losses(self.episodes.batch(kind, rng))
        (caption + CONTRAST_WEIGHT * contrast).backward()
        torch.nn.utils.clip_grad_norm_(self.bridge.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        keep = min(EMA, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.bridge.state_dict().items():
                self.mean[name].lerp_(value, 1 - keep)

    def report(self) -> dict:
        figures = {
            k: [round(v[0] / v[2], 3), round(v[1] / v[2], 3)]
            for k, v in sorted(self.recent.items())
        }
        self.recent = {}
        gates = [
            [round(torch.tanh(g).item(), 2) for g in (b.attn_gate, b.ff_gate)]
            for b in self.bridge.blocks.values()
        ]
        return {"step": self.step, "s": round(self.elapsed), **figures, "gates": gates}

    def save(self, path) -> None:
        state = {
            "bridge": self.bridge.state_dict(),
            "mean": self.mean,
            "contrast": self.contrast.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "elapsed": self.elapsed,
        }
        torch.save(state, f"{path}.part")
        os.replace(f"{path}.part", path)

    def restore(self, path) -> None:
        state = torch.load(path)
        self.bridge.load_state_dict(state["bridge"])
        self.contrast.load_state_dict(state["contrast"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mean = state["mean"]
        self.step, self.elapsed = state["step"], state["elapsed"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4200)
    parser.add_argument("--fresh", action="store_true")
    args = parser.parse_args()
    trainer, path = Trainer(), settings.RUNS / "train.pt"
    if path.exists() and not args.fresh:
        trainer.restore(path)
    log = (settings.RUNS / "train.jsonl").open("a")
    saved, started = time.time(), time.time() - trainer.elapsed
    while trainer.elapsed < args.seconds:
        trainer.run_step(trainer.elapsed / args.seconds)
        trainer.elapsed = time.time() - started
        if trainer.step % 10 == 0:
            line = json.dumps(trainer.report())
            print(line, flush=True)
            print(line, file=log, flush=True)
        if time.time() - saved > CHECKPOINT_SECONDS:
            trainer.save(path)
            saved = time.time()
    trainer.save(path)
    export(trainer.mean, trainer.bridge.shape, trainer.step, round(trainer.elapsed))


if __name__ == "__main__":
    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    main()
