"""Writes golden data of ops: what both make_golden scripts share.

Operands are rounded to f32 first; results are computed in f64 from exactly
those numbers and written with 8 significant digits.
"""

import json
import math
import pathlib
import platform

import torch

HERE = pathlib.Path(__file__).parent


def operand(values, dtype="f32"):
    """A tensor as an operand: f32 numbers short enough for JSON."""
    if dtype in ("f32", "f16"):
        short = torch.tensor([float(f"{v:.5g}") for v in values.flatten().tolist()])
        return short.reshape(values.shape).float().double()
    return values


def randn(generator, *shape, scale=1.0, shift=0.0):
    """Normal random operand."""
    values = torch.randn(shape, generator=generator, dtype=torch.float64)
    return operand(values * scale + shift)


def number(value):
    """JSON form of a number; JSON has no infinity and no NaN."""
    if isinstance(value, int):
        return value
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    short = float(f"{value:.8g}")
    return int(short) if short.is_integer() and abs(short) < 1e9 else short


def value(tensor, dtype="f32"):
    """JSON form of a tensor."""
    return {
        "dtype": dtype,
        "shape": list(tensor.shape),
        "values": [number(v) for v in tensor.flatten().tolist()],
    }


def case(name, inputs, output, attrs=None, dtypes=None, output_dtype="f32"):
    """One use of an op: operands, attributes, result."""
    dtypes = dtypes or ["f32"] * len(inputs)
    return {
        "name": name,
        "attrs": attrs or {},
        "inputs": [value(x, d) for x, d in zip(inputs, dtypes)],
        "output": value(output, output_dtype),
    }


def write(op, cases, script):
    """Writes the cases of an op beside this script."""
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    text = json.dumps(
        {"op": op, "madeBy": script, "versions": versions, "cases": cases},
        separators=(",", ":"),
    )
    (HERE / f"{op}.json").write_text(text + "\n")
    print(f"{op}.json: {len(cases)} cases, {len(text)} bytes")
