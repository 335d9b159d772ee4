"""Encodes every picture once: clean, and as augmented variants of the trained ones.

    python cache_features.py

Writes features.npy (f16 [rows, 25, 1664], not yet z-scored), index.json
("hex|style|variant" -> row, in the order of work) and scale.safetensors (mean and
std a channel over the clean trained pictures). Takes 10 to 15 minutes on 2 cores.
"""

import json
import random
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
from safetensors.torch import save_file

import settings
from augment import augment
from concepts import all_concepts, split, trainable
from encoder import CHANNELS, POSITIONS, Encoder
from pictures import SIDE, open_rgba, preprocess

VARIANTS = 5  # augmented ones, beside the clean one (variant 0)
BATCH = 32
STYLES = (*settings.TRAINED_STYLES, settings.TEST_STYLE)


def jobs() -> list[tuple[int, str, int]]:
    """(concept, style, variant): all clean pictures, then the variants."""
    concepts = all_concepts()
    number = {c.hex: i for i, c in enumerate(concepts)}
    work = [(i, s, 0) for s in STYLES for i, c in enumerate(concepts) if s in c.files]
    trained = [
        (number[c.hex], style)
        for c in split()[0]
        for style in settings.TRAINED_STYLES
        if trainable(c, style)
    ]
    for variant in range(1, VARIANTS + 1):
        random.Random(variant).shuffle(trained)
        work += [(i, style, variant) for i, style in trained]
    return work


def picture(job: tuple[int, str, int]) -> np.ndarray:
    """The 160 x 160 picture of one job; even variants use the vector drawing."""
    number, style, variant = job
    concept = all_concepts()[number]
    if variant == 0:
        return preprocess(open_rgba(concept, style))
    vector = f"{style}_vector"
    source = vector if variant % 2 == 0 and vector in concept.files else style
    rng = random.Random(f"{concept.hex} {style} {variant}")
    return augment(open_rgba(concept, source), concept, rng)


def encode(encoder: Encoder, pictures: list[np.ndarray]) -> np.ndarray:
    pixels = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()
    return encoder.features(pixels).half().numpy()


def measure_scale(features: np.ndarray, rows: list[int]) -> dict[str, torch.Tensor]:
    """Mean and standard deviation a channel, over pictures and positions."""
    total = np.zeros(CHANNELS)
    squares = np.zeros(CHANNELS)
    for start in range(0, len(rows), 256):
        part = features[rows[start : start + 256]].astype(np.float64)
        total += part.sum((0, 1))
        squares += (part**2).sum((0, 1))
    count = len(rows) * POSITIONS
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - mean**2, 0)) + 1e-3
    as_f32 = lambda a: torch.from_numpy(a.astype(np.float32))
    return {"vision.mean": as_f32(mean), "vision.std": as_f32(std)}


def write_index(concepts, work, done: int) -> None:
    index = {f"{concepts[i].hex}|{s}|{v}": n for n, (i, s, v) in enumerate(work[:done])}
    partial = settings.FEATURES / "index.json.part"
    partial.write_text(json.dumps(index))
    partial.replace(settings.FEATURES / "index.json")


def main() -> None:
    settings.FEATURES.mkdir(parents=True, exist_ok=True)
    concepts, work = all_concepts(), jobs()
    clean = sum(variant == 0 for _, _, variant in work)
    features = np.lib.format.open_memmap(
        settings.FEATURES / "features.npy",
        "w+",
        np.float16,
        (len(work), POSITIONS, CHANNELS),
    )
    exact, fast = Encoder(torch.float32), Encoder(torch.bfloat16)
    started, buffer, done, noted = time.time(), [], 0, 0
    with ProcessPoolExecutor(2) as pool:
        for n, pixels in enumerate(pool.map(picture, work, chunksize=16)):
            buffer.append(pixels)
            if len(buffer) < BATCH and n + 1 not in (clean, len(work)):
                continue
            encoder = exact if n < clean else fast
            features[done : done + len(buffer)] = encode(encoder, buffer)
            done += len(buffer)
            buffer = []
            if done == clean:
                trained = {c.hex: c for c in split()[0]}
                rows = [
                    row
                    for row, (i, s, _) in enumerate(work[:clean])
                    if concepts[i].hex in trained
                    and s != settings.TEST_STYLE
                    and trainable(concepts[i], s)
                ]
                scale = measure_scale(features, rows)
                save_file(scale, settings.FEATURES / "scale.safetensors")
            if done - noted >= 3200 or done in (clean, len(work)):
                noted = done
                write_index(concepts, work, done)
                spent = time.time() - started
                print(f"{done} of {len(work)} pictures, {spent:.0f} s", flush=True)
    features.flush()


if __name__ == "__main__":
    torch.set_num_threads(2)
    main()
