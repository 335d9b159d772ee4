"""Writes the checkpoints of training scripts that the torch reader's tests open.

Made with Python 3.11, torch 2.13.0.
Run in this folder: python3 make_training.py

expected_training.json holds the tensors' shapes, formats and values as f32.
"""

import collections
import json
import os
import shutil

import torch

torch.manual_seed(3)
expected = {}
FORMATS = {torch.float32: "f32", torch.float16: "f16", torch.int64: "i64"}


def expect(file, tensors):
    expected[file] = {
        name: {
            "shape": list(t.shape),
            "format": FORMATS[t.dtype],
            "values": [float(v) for v in t.detach().float().ravel()],
        }
        for name, t in tensors.items()
    }


def make_checkpoints():
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(2, 2, 2, 2)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    state = model.state_dict()
    base = {
        "epoch": 3,
        "optimizer_state_dict": optimizer.state_dict(),
        "lr_scheduler_state_dict": scheduler.state_dict(),
    }
    average = {"average": {name: t.float() + 1 for name, t in state.items()}}
    averages = {f"average.{name}": t for name, t in average["average"].items()}
    cases = {
        "model_state_dict": (base | {"model_state_dict": state}, state),
        "state_dict": ({"state_dict": state, "optimizer_states": [optimizer.state_dict()]}, state),
        "model": ({"model": state, "optimizer": optimizer.state_dict(), "scheduler": {"t": torch.zeros(1)}}, state),
        # Nothing but states of optimizers and schedulers is left out.
        "average": (base | {"model": state} | average, dict(state) | averages),
        "two": (
            {"model": dict(state), "state_dict": {"w": state["0.weight"]}},
            {f"model.{name}": t for name, t in state.items()} | {"state_dict.w": state["0.weight"]},
        ),
        "list": (
            {"layers": [{"w": state["0.weight"]}, {"w": state["0.bias"]}], "step": torch.tensor(5)},
            {"layers.0.w": state["0.weight"], "layers.1.w": state["0.bias"], "step": torch.tensor(5)},
        ),
    }
    for name, (saved, tensors) in cases.items():
        file = f"training_{name}.pt"
        torch.save(saved, file, _use_new_zipfile_serialization=name != "average")
        expect(file, tensors)
    cyclic = {"model": {"w": torch.zeros(1)}}
    cyclic["self"] = cyclic
    torch.save(cyclic, "training_cyclic.pt")
    torch.save({"optimizer": optimizer.state_dict(), "epoch": 1}, "training_none.pt")
    clash = {"w": torch.zeros(1), "model": {"w": torch.zeros(1)}}
    torch.save(clash, "training_clash.pt")


def make_legacy():
    """Integers of all widths, in views of one storage, in the old layout."""
    ids = torch.arange(-6, 6, dtype=torch.int64) * 2**33
    tensors = collections.OrderedDict(
        ids=ids, view=ids[3:9].view(2, 3), steps=ids[::2], count=torch.tensor(7)
    )
    torch.save(tensors, "long_legacy.pth", _use_new_zipfile_serialization=False)
    expect("long_legacy.pth", tensors)
    # Files saved from a GPU by PyTorch before 0.4 name its classes.
    with open("long_legacy.pth", "rb") as file:
        data = file.read()
    assert data.count(b"ctorch\nLongStorage\n") == 1
    with open("long_cuda_legacy.pth", "wb") as file:
        file.write(data.replace(b"ctorch\nLongStorage\n", b"ctorch.cuda\nLongStorage\n"))
    expected["long_cuda_legacy.pth"] = expected["long_legacy.pth"]
    torch.save(
        dict(tensors),
        "protocol4_legacy.pth",
        pickle_protocol=4,
        _use_new_zipfile_serialization=False,
    )
    expected["protocol4_legacy.pth"] = expected["long_legacy.pth"]


def make_sharded():
    shutil.rmtree("sharded_bin", ignore_errors=True)
    os.mkdir("sharded_bin")
    tied = torch.randn(5, 2)
    shards = [
        collections.OrderedDict({"embed.weight": tied, "head.weight": tied}),
        collections.OrderedDict({"norm.weight": torch.randn(2).half()}),
    ]
    weight_map = {}
    for i, shard in enumerate(shards):
        file = f"pytorch_model-{i + 1:05}-of-00002.bin"
        torch.save(shard, f"sharded_bin/{file}")
        weight_map |= {name: file for name in shard}
    index = {"metadata": {"total_size": 44}, "weight_map": weight_map}
    with open("sharded_bin/pytorch_model.bin.index.json", "w") as out:
        json.dump(index, out, indent=2)
    expect("sharded_bin", shards[0] | shards[1])


make_checkpoints()
make_legacy()
make_sharded()
with open("expected_training.json", "w") as out:
    json.dump(expected, out, separators=(",", ":"))
