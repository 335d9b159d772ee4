"""Contrastive warm-up of the resampler alone; the language model only names labels.

    python warm_up.py --seconds 240

Without it the bridge takes several times as long to learn to tell pictures apart.
"""

import argparse
import math
import random
import time

import torch

import settings
from bridge import Bridge
from concepts import split
from contrast import Contrast, label_vectors
from episodes import Chunk, Episodes
from features import Features, jitter
from language_model import LanguageModel

CONCEPTS = 112  # a step, each in two styles
RATE = 1e-3


def paired_batch(episodes: Episodes, rng: random.Random):
    """Two styles of each concept -> (z [2n, 25, 1664], names [2n])."""
    chosen = rng.sample(episodes.concepts, CONCEPTS)
    pairs = [rng.sample(episodes.styles[c.hex], 2) for c in chosen]
    chunks = [Chunk(c, p[k], []) for k in (0, 1) for c, p in zip(chosen, pairs)]
    return episodes.pictures(chunks, rng), [c.concept.hex for c in chunks]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=240)
    seconds = parser.parse_args().seconds
    torch.manual_seed(0)
    trained = split()[0]
    labels = label_vectors(LanguageModel(), trained)
    episodes, bridge = Episodes(Features()), Bridge()
    contrast = Contrast(
        bridge.shape.width, labels, {c.hex: i for i, c in enumerate(trained)}
    )
    parameters = [*bridge.perceiver.parameters(), *contrast.parameters()]
    optimizer = torch.optim.AdamW(
        parameters, lr=RATE, weight_decay=0.05, betas=(0.9, 0.98), fused=True
    )
    started, step, recent = time.time(), 0, []
    while (share := (time.time() - started) / seconds) < 1:
        rng = random.Random(step * 31 + 7)
        z, names = paired_batch(episodes, rng)
        cosine = 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share))
        optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / 20) * cosine
        with torch.autocast("cpu", torch.bfloat16):
            latents = bridge.perceiver(jitter(z))
        loss = contrast(latents, names)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        recent.append(loss.item())
        step += 1
        if step % 20 == 0:
            mean = sum(recent) / len(recent)
            recent.clear()
            print(
                f"{step} {time.time() - started:.0f} s loss {mean:.3f}", flush=True
            )
    settings.RUNS.mkdir(parents=True, exist_ok=True)
    state = {
        "perceiver": bridge.perceiver.state_dict(),
        "contrast": contrast.state_dict(),
        "steps": step,
    }
    torch.save(state, settings.RUNS / "warm_up.pt")


if __name__ == "__main__":
    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    main()
