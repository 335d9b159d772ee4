"""Writes the bridge in the published form: OpenFlamingo's names, f16 matrices.

    python export.py [--checkpoint train.pt] [--last] [--out FILE]

The branch scales (bridge.RESIDUAL_RMS) are folded into the last matrix of each
branch, so the file needs nothing beyond the plain tanh-gated block.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import settings
from bridge import RESIDUAL_RMS, Shape

EXACT = ("vision.", "_gate")  # kept in f32


def published(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Names and values as in the file, still f32."""
    out = dict(load_file(settings.FEATURES / "scale.safetensors"))
    for name, value in state.items():
        value = value.detach().float()
        if name.startswith("blocks."):
            _, layer, rest = name.split(".", 2)
            if rest in ("attn.to_out.weight", "ff.3.weight"):
                value = value * RESIDUAL_RMS[int(layer)]
            name = f"lang_encoder.model.layers.{layer}.gated_cross_attn_layer.{rest}"
        out[name] = value
    return out


def private(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The inverse of `published`, from a loaded file."""
    state = {}
    for name, value in tensors.items():
        value = value.float()
        if name.startswith("vision."):
            continue
        if name.startswith("lang_encoder."):
            layer, rest = name.split(".layers.", 1)[1].split(".", 1)
            rest = rest.removeprefix("gated_cross_attn_layer.")
            if rest in ("attn.to_out.weight", "ff.3.weight"):
                value = value / RESIDUAL_RMS[int(layer)]
            name = f"blocks.{layer}.{rest}"
        state[name] = value
    return state


def write(state: dict[str, torch.Tensor], path: Path) -> None:
    tensors = {
        name: (v if any(part in name for part in EXACT) else v.half()).contiguous()
        for name, v in published(state).items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)
    path.chmod(0o644)


def export(state, shape: Shape, steps: int, seconds: int) -> None:
    """presets/bridge.safetensors and presets/bridge_shape.json."""
    write(state, settings.PRESETS / "bridge.safetensors")
    write_shape(shape, steps, seconds)


def write_shape(shape: Shape, steps: int, seconds: int) -> None:
    settings.PRESETS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(shape.describe() | {"steps": steps, "seconds": seconds}, indent=2)
    (settings.PRESETS / "bridge_shape.json").write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="train.pt")
    parser.add_argument("--last", action="store_true", help="not the average")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    saved = torch.load(settings.RUNS / args.checkpoint)
    state = saved["bridge" if args.last else "mean"]
    if args.out:
        write(state, args.out)
    else:
        export(state, Shape(), saved["step"], round(saved["elapsed"]))


if __name__ == "__main__":
    main()
