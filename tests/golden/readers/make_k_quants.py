"""Writes a GGUF file with the two K quants that are read, from random bytes.

Made with Python 3.11, gguf 0.19.0, numpy 2.4.6.
Run in this folder: python3 make_k_quants.py

All levels and factors are random bytes; the halves are random but finite, as
JSON has no NaN. expected_k_quants.json holds what gguf's own dequantisation
makes of them.
"""

import json

import gguf
import numpy

random = numpy.random.default_rng(11)
Q = gguf.GGMLQuantizationType
# Type, bytes of a block of 256, places of its halves.
TYPES = [(Q.Q4_K, 144, [0, 2]), (Q.Q6_K, 210, [208])]
expected = {}

writer = gguf.GGUFWriter("k_quants.gguf", "llama")
for type, size, halves in TYPES:
    blocks = random.integers(0, 256, (3, 2, size), dtype=numpy.uint8)
    for place in halves:
        # Exponents from 2 to 21: normal halves of either sign.
        blocks[..., place + 1] = (blocks[..., place + 1] & 0x83) | (
            random.integers(2, 22, (3, 2), dtype=numpy.uint8) << 2
        )
    # The last one has the smallest halves there are.
    for place in halves:
        blocks[2, 1, place : place + 2] = [1, 0]
    data = blocks.reshape(3, 2 * size)
    name = f"w.{type.name.lower()}"
    writer.add_tensor(name, data, raw_dtype=type)
    values = gguf.quants.dequantize(data, type)
    assert values.shape == (3, 512) and numpy.isfinite(values).all()
    expected[name] = {
        "shape": list(values.shape),
        "format": type.name.lower(),
        "values": [float(v) for v in values.ravel()],
    }
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
with open("expected_k_quants.json", "w") as out:
    json.dump({"k_quants.gguf": expected}, out, separators=(",", ":"))
