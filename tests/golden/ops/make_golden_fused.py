"""Golden data of ops that stand for several, from PyTorch.

Run `python3 make_golden_fused.py` here. The versions used are written into
each file.
"""

import torch
import torch.nn.functional as F

from golden_file import case, randn, write


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


write("project", project(), "make_golden_fused.py")
