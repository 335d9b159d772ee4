"""Golden data of matrix products, differences, quotients and page copies.

Run `python3 make_golden_products.py` here. The versions used are written into
each file.
"""

import pathlib

import torch

from golden_file import case, operand, randn, write

SCRIPT = pathlib.Path(__file__).name


def matmul():
    g = torch.Generator().manual_seed(3)
    cases = []
    for a, b, transposed in [
        ((3, 8), (8, 5), False),
        ((2, 3, 40), (17, 40), True),
        ((2, 3, 4), (2, 4, 5), False),
        ((2, 3, 4), (2, 5, 4), True),
        ((1, 33), (1, 33), True),
    ]:
        x, w = randn(g, *a), randn(g, *b)
        y = x @ (w.transpose(-1, -2) if transposed else w)
        cases.append(case(f"{a} {b}", [x, w], y, {"isTransposed": transposed}))
    write("matmul", cases, SCRIPT)


def pairs(name, function, shift):
    g = torch.Generator().manual_seed(4)
    cases = []
    for a, b in [((2, 3, 4), (2, 3, 4)), ((2, 3, 4), (4,)), ((3, 1), (2, 1, 5)), ((2, 3), ())]:
        x = randn(g, *a)
        y = randn(g, *b)
        y = operand(torch.where(y < 0, y - shift, y + shift))
        cases.append(case(f"{a} {b}", [x, y], function(x, y)))
    write(name, cases, SCRIPT)


def page_copy():
    g = torch.Generator().manual_seed(5)
    cache = randn(g, 5, 2, 3)
    source, goal = torch.tensor([0, 3, 9]), torch.tensor([4, 1, 2])
    y = cache.clone()
    y[4], y[1] = cache[0], cache[3]
    cases = [case("two pages, one beyond", [cache, source, goal], y, dtypes=["f32", "u32", "u32"])]
    write("page_copy", cases, SCRIPT)


matmul()
pairs("sub", torch.sub, 0.0)
pairs("div", torch.div, 0.5)
page_copy()
