"""Control rows and blocks of adjustments, as ops/control_row.ts and
ops/adjustments.ts lay them out."""

import struct

import torch

FIELDS = dict(
    token=0, position=1, count=2, media=3, done=4, drawn=5, limit=6, seed=7,
    temperature=8, topK=9, topP=10, minP=11, penalty=12, frequency=13,
    presence=14, adjust=15, counted=16, top=17, error=18, stopCount=19,
)
STOPS, RING, SEEN = 20, 52, 180


def bits(x):
    """f32 bits of a number."""
    return struct.unpack("<I", struct.pack("<f", x))[0]


def row(v=32, stops=(), seen=(), banned=(), **fields):
    """A control row for a vocabulary of v tokens."""
    words = (v + 31) // 32
    out = [0] * (SEEN + 2 * words)
    out[FIELDS["topP"]] = out[FIELDS["penalty"]] = bits(1.0)
    for name, x in fields.items():
        out[FIELDS[name]] = bits(x) if isinstance(x, float) else x
    out[FIELDS["stopCount"]] = len(stops)
    out[STOPS:STOPS + len(stops)] = stops
    out[FIELDS["counted"]] = fields.get("counted", out[FIELDS["drawn"]])
    for start, tokens in ((SEEN, seen), (SEEN + words, banned)):
        for token in tokens:
            out[start + token // 32] |= 1 << (token % 32)
    return out


def block(v, counts, bias):
    """What is known of tokens beside their logits."""
    groups, tokens = (v + 31) // 32, sorted({*counts, *bias})
    out = [0] * (2 * groups)
    for token in tokens:
        group = 2 * (token // 32)
        if out[group] == 0:
            out[group + 1] = len(out)
        out[group] |= 1 << (token % 32)
        out += [counts.get(token, 0), bits(bias.get(token, 0.0))]
    return out


def ints(values):
    return torch.tensor(values, dtype=torch.int64)
