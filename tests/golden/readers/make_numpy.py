"""Writes the files of NumPy arrays that the readers' tests open.

Made with Python 3.11, numpy 2.4.6.
Run in this folder: python3 make_numpy.py

Every number follows from a seed. The haiku_* files are what published NFNet
weights are: a pickle of a dict of dicts of arrays, whatever their ending.
expected_numpy.json holds the arrays' shapes, formats and values as f32.
"""

import io
import json
import os
import pickle
import zipfile

import numpy

random = numpy.random.default_rng(5)
expected = {}

FORMATS = {
    "f2": "f16",
    "f4": "f32",
    "f8": "f64",
    "i1": "i8",
    "i2": "i16",
    "i4": "i32",
    "i8": "i64",
    "u1": "u8",
    "b1": "bool",
}


def expect(file, arrays):
    expected[file] = {
        name: {
            "shape": list(array.shape),
            "format": FORMATS[array.dtype.str[1:]],
            "values": [float(v) for v in array.astype(numpy.float32).ravel()],
        }
        for name, array in arrays.items()
    }


def every_array():
    arrays = {}
    for code in FORMATS:
        for order in "<>" if code[1] != "1" else "|":
            values = random.standard_normal((3, 5)) * 40
            values = values > 0 if code == "b1" else values
            values = numpy.abs(values) if code == "u1" else values
            name = {"<": "little", ">": "big", "|": "byte"}[order]
            arrays[f"{name}/{code}"] = values.astype(order + code)
    cube = random.standard_normal((2, 3, 4)).astype("f4")
    arrays["fortran"] = numpy.asfortranarray(cube)
    arrays["fortran_big"] = numpy.asfortranarray(cube.astype(">f8"))
    arrays["fortran_row"] = numpy.asfortranarray(cube[:1, :1])
    arrays["scalar"] = numpy.array(2.5, "f4")
    arrays["empty"] = numpy.zeros((0, 4), "f4")
    arrays["empty_fortran"] = numpy.zeros((4, 0), "f2", order="F")
    return arrays


def make_npz():
    arrays = every_array()
    numpy.savez("all.npz", **arrays)
    numpy.savez_compressed("deflated.npz", **arrays)
    expect("all.npz", arrays)
    # One compressed member of many slices, and one of zeros: small in the file.
    large = {
        "ramp": (numpy.arange(40_000) % 4999).astype("i2").reshape(100, 400),
        "zeros": numpy.zeros((200, 200), "f4"),
    }
    numpy.savez_compressed("large.npz", **large)
    with open("single.npy", "wb") as out:
        numpy.save(out, arrays["big/f4"])
    expect("single.npy", {"single": arrays["big/f4"]})
    versions = {"v1": (1, 0), "v2": (2, 0), "v3": (3, 0)}
    with zipfile.ZipFile("versions.npz", "w") as out:
        for name, version in versions.items():
            buffer = io.BytesIO()
            numpy.lib.format.write_array(buffer, arrays["fortran"], version=version)
            out.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue())
    expect("versions.npz", {name: arrays["fortran"] for name in versions})


def haiku_tree():
    """Names as in the published files; one array is longer than the rest."""
    arrays = every_array()
    return {
        "NFNet/~/ConvWS_2D": {
            "w": random.standard_normal((3, 3, 4, 32)).astype("f4"),
            "b": random.standard_normal(32).astype("f4"),
        },
        "NFNet/~/NFBlock": {"skip_gain": numpy.zeros((), "f4")},
        "others": {name.replace("/", "_"): a for name, a in arrays.items()},
    }


def flat(tree, prefix=""):
    return {
        f"{prefix}{outer}/{inner}": array
        for outer, arrays in tree.items()
        for inner, array in arrays.items()
    }


def make_pickles():
    tree = haiku_tree()
    for protocol in [2, 3, 4, 5]:
        file = f"haiku_{protocol}.npz"
        with open(file, "wb") as out:
            pickle.dump(tree, out, protocol=protocol)
    # All of them hold the same.
    expect("haiku", flat(tree))
    # What numpy before version 2 wrote: its modules had other names.
    for protocol in [2, 3]:
        file = f"haiku_{protocol}_old.npz"
        data = pickle.dumps(tree, protocol=protocol)
        assert data.count(b"numpy._core.multiarray") > 0
        with open(file, "wb") as out:
            out.write(data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    small = {"a": {"w": tree["NFNet/~/ConvWS_2D"]["b"]}, "step": 7}
    numpy.save("objects.npy", small, allow_pickle=True)
    expect("objects.npy", {"objects/a/w": small["a"]["w"]})
    large = {"conv": tree["NFNet/~/ConvWS_2D"]}
    numpy.savez("objects.npz", large, other=small, plain=small["a"]["w"])
    numpy.savez_compressed(
        "objects_deflated.npz", large, other=small, plain=small["a"]["w"]
    )
    expect(
        "objects",
        flat(large, "arr_0/") | {"other/a/w": small["a"]["w"], "plain": small["a"]["w"]},
    )


class Evil:
    def __reduce__(self):
        return os.system, ("touch rookery_was_here",)


def make_refused():
    evil = {"a": {"w": numpy.zeros(2, "f4")}, "evil": {"w": Evil()}}
    with open("evil_haiku.npz", "wb") as out:
        pickle.dump(evil, out, protocol=4)
    numpy.savez("evil_objects.npz", params=evil)
    numpy.savez_compressed("evil_deflated.npz", params=evil)
    numpy.savez("unsigned.npz", ids=numpy.zeros(3, "u4"))
    numpy.savez("record.npz", rows=numpy.zeros(3, [("x", "f4"), ("y", "i4")]))
    with open("unsigned_pickle.npz", "wb") as out:
        pickle.dump({"a": {"ids": numpy.zeros(3, "u4")}}, out, protocol=4)
    with open("texts_pickle.npz", "wb") as out:
        pickle.dump({"a": {"ids": numpy.array(["x", "y"])}}, out, protocol=4)


make_npz()
make_pickles()
make_refused()
with open("expected_numpy.json", "w") as out:
    json.dump(expected, out, separators=(",", ":"))
