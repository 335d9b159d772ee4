"""Tiny NFNets with golden features, from timm.

    python make_nfnet.py

Writes nfnet_<name>/: model.safetensors under timm's names (with a classifier,
as published files have one), golden.safetensors with `pixels` and `features`.
nfnet_plain/haiku.safetensors has the same weights as the original training
stored them: other names, other axes.
Made with torch 2.13.0 and timm 1.0.31 (`--no-deps`; without torchvision, which
the networks do not use).
"""

import importlib.machinery
import math
import re
import sys
from pathlib import Path
from unittest.mock import MagicMock

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent


def without_torchvision() -> None:
    """Lets timm be imported; none of what it takes from there is used here."""
    for name in [
        "torchvision", "torchvision.datasets", "torchvision.models", "torchvision.models.feature_extraction",
        "torchvision.ops", "torchvision.ops.misc", "torchvision.transforms", "torchvision.transforms.functional",
        "torchvision.utils",
    ]:
        module = MagicMock()
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        module.__path__ = []
        sys.modules[name] = module
    sys.modules["torchvision.ops.misc"].FrozenBatchNorm2d = type("FrozenBatchNorm2d", (torch.nn.Module,), {})


without_torchvision()
import timm  # noqa: E402
from timm.models import nfnet  # noqa: E402

# timm's own form is the exact GELU; the published networks have the other one.
nfnet._nonlin_gamma["gelu_tanh"] = nfnet._nonlin_gamma["gelu"]

SHAPES = {
    # Even grids 32, 16, 8, 4, 2; 2 to 4 groups.
    "even": dict(px=64, depths=(1, 2, 1, 1), channels=(32, 48, 48, 64), stem=32, group=8, act="gelu_tanh", final=True),
    # Odd grids 33, 17, 9, 5, 3 and the exact GELU.
    "odd": dict(px=65, depths=(2, 1, 2, 1), channels=(32, 48, 48, 32), stem=32, group=8, act="gelu", final=True),
    # Grids 19, 10, 5, 3, 2; one group at first; the last stage leaves it.
    "plain": dict(px=38, depths=(1, 2, 1, 2), channels=(16, 32, 48, 32), stem=16, group=8, act="gelu_tanh", final=False),
}


def make(name: str, shape: dict) -> None:
    torch.manual_seed(sum(map(ord, name)))
    cfg = nfnet._dm_nfnet_cfg(depths=shape["depths"], channels=shape["channels"], act_layer=shape["act"])
    cfg = nfnet.replace(cfg, stem_chs=shape["stem"], group_size=shape["group"])
    model = nfnet.NormFreeNet(cfg, num_classes=7).eval()
    # timm adds 1e-5 to variances, training limited them: of weights this
    # large neither is seen.
    for key, value in model.named_parameters():
        value.data.normal_()
        if key.endswith("gain"):
            value.data.mul_(0.3).add_(1)
        elif key.endswith("bias"):
            value.data.mul_(0.3)
        elif ".fc" in key:
            value.data.div_(math.sqrt(value[0].numel()))
        else:
            value.data.add_(0.5)
    pixels = torch.randn(2 if name == "plain" else 1, 3, shape["px"], shape["px"])
    with torch.no_grad():
        if shape["final"]:
            features = model.forward_features(pixels)
        else:
            features = model.stages(model.stem(pixels))
    print(name, tuple(features.shape), float(features.std()), float(features.abs().max()))
    folder = HERE / f"nfnet_{name}"
    folder.mkdir(exist_ok=True)
    note = {"torch": torch.__version__, "timm": timm.__version__}
    weights = model.state_dict()
    save_file(weights, folder / "model.safetensors", note)
    rows = features.flatten(2).transpose(1, 2).contiguous()
    save_file({"pixels": pixels, "features": rows}, folder / "golden.safetensors", note)
    if name == "plain":
        save_file(as_trained(weights, shape["depths"]), folder / "haiku.safetensors", note)


def as_trained(weights: dict, depths: tuple) -> dict:
    """Names and axes of the original files."""
    modules = {
        "conv1": "conv0", "conv2": "conv1", "conv2b": "conv1b", "conv3": "conv2", "downsample.conv": "conv_shortcut",
        "attn_last.fc1": "squeeze_excite/~/linear", "attn_last.fc2": "squeeze_excite/~/linear_1",
    }
    made = {}
    for key, value in weights.items():
        module, last = key.rsplit(".", 1)
        is_linear = "fc" in module
        last = {"weight": "w", "bias": "b" if is_linear else "bias", "skipinit_gain": "skip_gain"}.get(last, last)
        block = re.match(r"stages\.(\d+)\.(\d+)\.?", module)
        if block:
            number = sum(depths[: int(block[1])]) + int(block[2])
            path = "nf_block" + (f"_{number}" if number else "")
            inner = module[block.end():]
            module = path + (f"/~/{modules[inner]}" if inner else "")
        elif module.startswith("stem."):
            module = f"stem_conv{int(module[-1]) - 1}"
        elif module == "head.fc":
            module = "linear"
        if last == "gain":
            value = value.flatten()
        elif last == "w" and is_linear:
            value = value.flatten(1).T
        elif last == "w":
            value = value.permute(2, 3, 1, 0)
        made[f"NFNet/~/{module}/{last}"] = value.contiguous()
    return made


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, shape in SHAPES.items():
        make(name, shape)
