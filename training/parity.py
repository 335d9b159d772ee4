"""Reference figures for the runtime, all in f32: same files in, same words out.

    python parity.py OUT PICTURE... [--bridge FILE]

Writes OUT.safetensors (features [n, 25, 1664] before z-scoring, latents
[n, r, width], logits [n, 49152] after the prompt [0, 11]) and OUT.json (the files
and their greedy captions, versions, SHA-256 of the bridge). `--keep N` keeps the
tensors of the first N pictures only; captions are kept for all.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import settings
from download import sha256
from encoder import Encoder
from features import CLIP
from language_model import LanguageModel
from pictures import preprocess_file
from session import Session, load_bridge

BATCH = 25


def z_scored(features: torch.Tensor, tensors: dict) -> torch.Tensor:
    z = (features - tensors["vision.mean"]) / tensors["vision.std"]
    return z.clamp(-CLIP, CLIP)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pictures", nargs="+", type=Path)
    default = settings.PRESETS / "bridge.safetensors"
    parser.add_argument("--bridge", type=Path, default=default)
    parser.add_argument("--keep", type=int)
    args = parser.parse_args()
    tensors = load_file(args.bridge)
    session = Session(LanguageModel(torch.float32), load_bridge(args.bridge))
    encoder = Encoder(torch.float32)
    kept: dict[str, list[torch.Tensor]] = {"features": [], "latents": [], "logits": []}
    captions = []
    for start in range(0, len(args.pictures), BATCH):
        files = args.pictures[start : start + BATCH]
        pixels = torch.from_numpy(np.stack([preprocess_file(f) for f in files]))
        features = encoder.features(pixels.permute(0, 3, 1, 2).float())
        latents = session.latents(z_scored(features, tensors))
        ids = torch.tensor([[settings.START, settings.IMAGE]] * len(files))
        prefix = session.prefix(ids, latents[:, None])
        captions += session.greedy(prefix)
        for name, value in zip(kept, (features, latents, prefix.logits)):
            kept[name].append(value)
    joined = {k: torch.cat(v)[: args.keep].contiguous() for k, v in kept.items()}
    save_file(joined, args.out.with_suffix(".safetensors"))
    report = {
        "torch": torch.__version__,
        "bridge": sha256(args.bridge),
        "captions": {f.name: c for f, c in zip(args.pictures, captions)},
    }
    text = json.dumps(report, indent=1, ensure_ascii=False)
    args.out.with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
