"""Writes the small weights files that the readers' tests open.

Made with Python 3.11, torch 2.13.0, safetensors 0.8.0, gguf 0.19.0, numpy.
Run in this folder: python3 make_readers.py

Every number follows from a seed. expected.json holds, for each file, the
tensors' shapes, formats and values as f32 (rounded as the format's own library
decodes them).
"""

import collections
import json
import os
import pickle
import shutil
import zipfile

import gguf
import numpy
import torch
from safetensors.torch import save_file

torch.manual_seed(7)
random = numpy.random.default_rng(7)
expected = {}


def expect(file, tensors):
    expected[file] = {
        name: {
            "shape": list(shape),
            "format": format,
            "values": [float(v) for v in numpy.asarray(values, numpy.float32).ravel()],
        }
        for name, (shape, format, values) in tensors.items()
    }


FORMATS = {
    torch.float64: "f64",
    torch.float32: "f32",
    torch.float16: "f16",
    torch.bfloat16: "bf16",
    torch.int64: "i64",
    torch.int32: "i32",
    torch.int16: "i16",
    torch.int8: "i8",
    torch.uint8: "u8",
    torch.bool: "bool",
}


def expect_torch(file, tensors):
    expect(
        file,
        {
            name: (t.shape, FORMATS[t.dtype], t.detach().to(torch.float32).numpy())
            for name, t in tensors.items()
        },
    )


def every_dtype():
    tensors = collections.OrderedDict()
    for dtype, name in FORMATS.items():
        values = torch.randn(3, 5) * 40
        tensors[f"all.{name}"] = values > 0 if name == "bool" else (
            values.abs() if name == "u8" else values
        ).to(dtype)
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def make_safetensors():
    tensors = every_dtype()
    save_file(tensors, "all.safetensors", metadata={"format": "pt", "note": "naïve"})
    expect_torch("all.safetensors", tensors)
    inputs = {
        "input_ids": torch.tensor([[1, 2, 2**40]]),
        "attention_mask": torch.tensor([[0, 1, 1]], dtype=torch.int32),
        "pixel_values": torch.randn(1, 1, 3, 2, 2),
    }
    save_file(inputs, "inputs.safetensors")
    expect_torch("inputs.safetensors", inputs)


def make_sharded():
    shutil.rmtree("sharded", ignore_errors=True)
    os.mkdir("sharded")
    shards = [
        {"a.weight": torch.randn(4, 3), "a.bias": torch.randn(3)},
        {"b.weight": torch.randn(2, 2).half()},
    ]
    weight_map = {}
    for i, shard in enumerate(shards):
        file = f"model-{i + 1:05}-of-00002.safetensors"
        save_file(shard, f"sharded/{file}", metadata={"format": "pt"})
        weight_map |= {name: file for name in shard}
    index = {"metadata": {"total_size": 68}, "weight_map": weight_map}
    with open("sharded/model.safetensors.index.json", "w") as out:
        json.dump(index, out, indent=2)
    with open("sharded/config.json", "w") as out:
        json.dump({"model_type": "llama"}, out)
    expect_torch("sharded/model.safetensors.index.json", shards[0] | shards[1])


def make_torch():
    base = torch.randn(6, 4)
    tensors = every_dtype()
    tensors["base"] = base
    tensors["shared"] = base
    tensors["rows"] = base[2:4]
    tensors["transposed"] = base.t()
    tensors["every_other"] = base[::2, 1::2]
    tensors["permuted"] = torch.randn(2, 3, 4).permute(2, 0, 1)
    tensors["parameter"] = torch.nn.Parameter(torch.randn(2, 2))
    for file, is_zip in [("zip.pt", True), ("legacy.pth", False)]:
        torch.save(tensors, file, _use_new_zipfile_serialization=is_zip)
        expect_torch(file, tensors)
    module = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    nested = {
        "epoch": 3,
        "loss": 0.25,
        "name": "tiny",
        "done": False,
        "big": 2**70,
        "history": [1, (2.5, None), {"x": "text"}],
        "optimizer_state_dict": {"state": {0: {"step": torch.tensor(1.0)}}},
        "model_state_dict": module.state_dict(),
    }
    for file, is_zip in [("nested_zip.pt", True), ("nested_legacy.pth", False)]:
        torch.save(nested, file, _use_new_zipfile_serialization=is_zip)
        expect_torch(file, module.state_dict())
    for protocol in [3, 4, 5]:
        file = f"protocol{protocol}.pt"
        few = {"weight": torch.randn(2, 3), "count": torch.tensor([2**40])}
        torch.save(few, file, pickle_protocol=protocol)
        expect_torch(file, few)


class Evil:
    def __reduce__(self):
        return os.system, ("touch rookery_was_here",)


def make_refused():
    evil = {"weight": torch.zeros(2), "evil": Evil()}
    torch.save(evil, "evil_zip.pt")
    torch.save(evil, "evil_legacy.pth", _use_new_zipfile_serialization=False)
    with open("evil.pkl", "wb") as out:
        pickle.dump(Evil(), out, protocol=2)
    torch.save(torch.zeros(2).expand(3, 2), "tensor_only.pt")
    torch.save({"wide": torch.zeros(1).expand(9)}, "expanded.pt")
    torch.jit.script(torch.nn.Linear(1, 1)).save("script.pt")
    with zipfile.ZipFile("expanded.pt") as stored, zipfile.ZipFile(
        "deflated.pt", "w", zipfile.ZIP_DEFLATED
    ) as deflated:
        for name in stored.namelist():
            deflated.writestr(zipfile.ZipInfo(name), stored.read(name), zipfile.ZIP_DEFLATED)


def make_gguf():
    quantised = {
        "f32": gguf.GGMLQuantizationType.F32,
        "f16": gguf.GGMLQuantizationType.F16,
        "bf16": gguf.GGMLQuantizationType.BF16,
        "q8_0": gguf.GGMLQuantizationType.Q8_0,
        "q4_0": gguf.GGMLQuantizationType.Q4_0,
        "q4_1": gguf.GGMLQuantizationType.Q4_1,
    }
    for file, alignment in [("all.gguf", None), ("aligned64.gguf", 64)]:
        writer = gguf.GGUFWriter(file, "llama")
        if alignment:
            writer.add_custom_alignment(alignment)
        add_metadata(writer)
        tensors = {}
        for name, type in quantised.items():
            values = random.standard_normal((3, 64), dtype=numpy.float32)
            data = gguf.quants.quantize(values, type)
            writer.add_tensor(f"w.{name}", data, raw_dtype=type)
            tensors[f"w.{name}"] = ((3, 64), name, gguf.quants.dequantize(data, type))
        cube = random.standard_normal((2, 3, 4), dtype=numpy.float32)
        writer.add_tensor("cube", cube)
        tensors["cube"] = (cube.shape, "f32", cube)
        write(writer)
        expect(file, tensors)
    writer = gguf.GGUFWriter("q5_0.gguf", "llama")
    type = gguf.GGMLQuantizationType.Q5_0
    data = gguf.quants.quantize(numpy.ones((1, 32), numpy.float32), type)
    writer.add_tensor("blk.0.attn_q.weight", data, raw_dtype=type)
    write(writer)


def add_metadata(writer):
    writer.add_uint8("kinds.u8", 200)
    writer.add_int8("kinds.i8", -100)
    writer.add_uint16("kinds.u16", 60_000)
    writer.add_int16("kinds.i16", -30_000)
    writer.add_uint32("kinds.u32", 4_000_000_000)
    writer.add_int32("kinds.i32", -2_000_000_000)
    writer.add_float32("kinds.f32", 0.5)
    writer.add_uint64("kinds.u64", 2**63)
    writer.add_int64("kinds.i64", -(2**40))
    writer.add_float64("kinds.f64", 0.1)
    writer.add_bool("kinds.bool", True)
    writer.add_string("kinds.string", "naïve 😀")
    writer.add_array("kinds.strings", ["a", "", "é" * 40])
    writer.add_array("kinds.ints", [1, -2, 3])
    writer.add_array("kinds.floats", [0.5, 0.25])
    writer.add_array("kinds.bools", [True, False])
    writer.add_array("kinds.nested", [[1, 2], [3]])


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def make_gguf_v2():
    """Version 2 has the same layout; only the version number differs."""
    with open("all.gguf", "rb") as file:
        data = bytearray(file.read())
    data[4:8] = (2).to_bytes(4, "little")
    with open("v2.gguf", "wb") as out:
        out.write(data)
    expected["v2.gguf"] = expected["all.gguf"]


make_safetensors()
make_sharded()
make_torch()
make_refused()
make_gguf()
make_gguf_v2()
with open("expected.json", "w") as out:
    json.dump(expected, out, separators=(",", ":"))
