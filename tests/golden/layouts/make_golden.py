"""Blocks that the reference quantiser of the Python package gguf makes.

Run in this folder: python3 make_golden.py
Made with gguf 0.19.0 (see the printed line), numpy 2.
Values are stored as the hex text of their f32 bytes, so nothing is rounded.
"""
import importlib.metadata
import json

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import quantize

rng = np.random.default_rng(7)
blocks = {
    "normal": rng.standard_normal(32),
    "small": rng.standard_normal(32) * 1e-3,
    "denormal scale": rng.standard_normal(32) * 1e-6,
    "below any half": rng.standard_normal(32) * 1e-12,
    "large": rng.standard_normal(32) * 1e4,
    "zeros": np.zeros(32),
    "equal": np.full(32, -0.7),
    "one spike": np.eye(1, 32, 5)[0] * 3,
    "ties": np.arange(32) * 0.5 - 8,
    "q8 ties": np.append(np.arange(31) + 0.5, 127.0) * np.where(np.arange(32) % 2, 1, -1),
    "q4 ties": np.append(np.arange(31) / 2, 15.0),
    "positive": rng.random(32) + 5,
}
values = np.stack(list(blocks.values())).astype(np.float32)
out = {
    "made_with": f"gguf {importlib.metadata.version('gguf')}, numpy {np.__version__}",
    "names": list(blocks),
    "values": values.tobytes().hex(),
    "q8_0": quantize(values, Type.Q8_0).tobytes().hex(),
    "q4_0": quantize(values, Type.Q4_0).tobytes().hex(),
    "q4_1": quantize(values, Type.Q4_1).tobytes().hex(),
    "bf16": quantize(values, Type.BF16).tobytes().hex(),
    "f16": values.astype(np.float16).tobytes().hex(),
}
print(out["made_with"])
with open("quantize.json", "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
