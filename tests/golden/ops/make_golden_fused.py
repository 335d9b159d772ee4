"""Golden data of ops that stand for several, from PyTorch.

Run `python3 make_golden_fused.py` here. The versions used are written into
each file.
"""

import torch
import torch.nn.functional as F

from control_rows import ints, row
from golden_file import case, operand, randn, write


def rms(x, scale):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * scale


def project():
    g = torch.Generator().manual_seed(20)
    x, scale, shift = randn(g, 2, 3, 8), randn(g, 8), randn(g, 8)
    w = [randn(g, n, 8) for n in (5, 7, 5)]
    b = [randn(g, n) for n in (5, 7, 5)]
    residual = randn(g, 2, 3, 5)
    normed = rms(x, scale)
    layered = F.layer_norm(x, (8,), scale, shift, 1e-5)
    layer = {"kind": "layer", "eps": 1e-5, "operands": 2}
    side = torch.cat([F.linear(layered, w[i], b[i]) for i in range(3)], -1)
    return [
        case("plain", [x, w[0]], F.linear(x, w[0]), {"weights": 1}),
        case(
            "bias and residual",
            [x, w[0], b[0], residual],
            F.linear(x, w[0], b[0]) + residual,
            {"weights": 1, "hasBias": True, "hasResidual": True},
        ),
        case(
            "layer norm, three side by side",
            [x, *w, scale, shift, *b],
            side,
            {"weights": 3, "norm": layer, "hasBias": True},
        ),
        case(
            "RMS norm, gate",
            [x, w[0], w[2], scale],
            F.linear(normed, w[0]) * F.linear(normed, w[2]),
            {"weights": 2, "join": "gate", "norm": {"kind": "rms", "eps": 1e-5, "operands": 1}},
        ),
    ]


def rotate(x, positions, table, interleaved):
    """x [l, h, k]; half-split or neighbouring pairs turn."""
    c, s = table[positions][..., 0][:, None], table[positions][..., 1][:, None]
    half = table.shape[1]
    left, right = (x[..., 0:2 * half:2], x[..., 1:2 * half:2]) if interleaved else (
        x[..., :half], x[..., half:2 * half])
    out = x.clone()
    turned = [left * c - right * s, right * c + left * s]
    if interleaved:
        out[..., 0:2 * half:2], out[..., 1:2 * half:2] = turned
    else:
        out[..., :half], out[..., half:2 * half] = turned
    return out


def attend_step():
    g = torch.Generator().manual_seed(21)
    page, heads, groups, k = 16, 4, 2, 6
    cases = []
    for name, l, rows, turn, interleaved in [
        ("one token", 1, [(17, 1), (0, 1)], True, False),
        ("a chunk, pairs of neighbours", 3, [(15, 3), (20, 0)], True, True),
        ("nothing turns", 2, [(3, 2), (0, 1)], False, False),
    ]:
        b = len(rows)
        qkv = randn(g, b, l, (heads + 2 * groups) * k)
        cache = randn(g, 5, 2, groups, k, page)
        table = ints([[4, 0], [2, 3]])
        control = ints([row(position=p, count=c) for p, c in rows])
        positions = ints([[p + j for j in range(l)] for p, _ in rows])
        angle = torch.arange(32)[:, None] * 0.1 ** torch.arange(2)
        rotations = operand(torch.stack([angle.cos(), angle.sin()], -1).double())
        out = torch.zeros(b, l, heads, k, dtype=torch.float64)
        for i, (p, c) in enumerate(rows):
            q, keys, values = (
                part.reshape(l, -1, k)
                for part in qkv[i].split([heads * k, groups * k, groups * k], -1)
            )
            if turn:
                q, keys = (rotate(x, positions[i], rotations, interleaved) for x in (q, keys))
            past = [cache[table[i, s // page], :, :, :, s % page] for s in range(p)]
            for j in range(c):
                own = torch.stack([keys[j], values[j]])
                past.append(own)
                seen = torch.stack(past)  # [s, 2, g, k]
                k_, v_ = (seen[:, half].repeat_interleave(heads // groups, 1) for half in (0, 1))
                scores = torch.einsum("hk,shk->hs", q[j], k_) * 0.4
                out[i, j] = torch.einsum("hs,shk->hk", scores.softmax(-1), v_)
        inputs = [qkv, cache, control, table]
        dtypes = ["f32", "f32", "u32", "u32"]
        if turn:
            inputs, dtypes = [*inputs, positions, rotations], [*dtypes, "u32", "f32"]
        attrs = {"heads": heads, "scale": 0.4, "isInterleaved": interleaved}
        cases.append(case(name, inputs, out, attrs, dtypes))
    return cases


def state_after():
    g = torch.Generator().manual_seed(22)
    state = randn(g, 2, 3)
    return [case("the state", [state, randn(g, 4)], state)]


SCRIPT = "make_golden_fused.py"
write("project", project(), SCRIPT)
write("attend_step", attend_step(), SCRIPT)
write("state_after", state_after(), SCRIPT)
