"""Bootstrap intervals and word F1 as the training recipe computes them.

    python make_bootstrap.py          (made with numpy 2.x, see the file)
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np

TEXTS = [
    ("dog face", "dog face"),
    ("worried face", "crying face"),
    ("dog", "cat"),
    ("", "cat"),
    ("the the cat", "the cat the hat"),
    ("Red Heart", "red heart"),
]


def interval(values):
    values = np.asarray(values, float)
    draws = np.random.RandomState(0).randint(0, len(values), (1000, len(values)))
    low, high = np.percentile(values[draws].mean(1), [2.5, 97.5])
    return {"mean": values.mean(), "low": low, "high": high, "n": len(values)}


def token_f1(guess, truth):
    a, b = guess.lower().split(), truth.lower().split()
    same = sum((Counter(a) & Counter(b)).values())
    return 2 * same / (len(a) + len(b)) if same else 0.0


def main():
    rng = np.random.RandomState(7)
    samples = [
        [1.0],
        [0.0, 100.0, 100.0],
        (rng.rand(100) < 0.7).astype(float).tolist(),
        (rng.rand(400) < 0.3).astype(float).tolist(),
        rng.randn(257).round(6).tolist(),
    ]
    golden = {
        "numpy": np.__version__,
        "uint32": np.random.RandomState(5).randint(0, 2**32, 1300, np.uint32)[-3:].tolist(),
        "intervals": [{"values": s, **interval(s)} for s in samples],
        "f1": [{"guess": a, "truth": b, "f1": token_f1(a, b)} for a, b in TEXTS],
    }
    path = Path(__file__).with_name("bootstrap.json")
    path.write_text(json.dumps(golden) + "\n")


main()
