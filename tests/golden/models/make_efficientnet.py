"""Golden features of EfficientNet-Lite0 on 8 pictures, from its reference package.

    python make_efficientnet.py CHECKPOINT.pth

The pictures are prepared by the training recipe's steps (Pillow). Of each level
every 13th channel is kept, at all 25 positions: efficientnet.safetensors.
Made with torch 2.13.0 and efficientnet-lite-pytorch 0.1.0 (`--no-deps`).
"""

import json
import sys
from pathlib import Path

import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import save_file

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT / "training"))
from pictures import preprocess_file  # noqa: E402

STEP = 13


def main() -> None:
    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(sys.argv[1], map_location="cpu"))
    model.eval()
    files = sorted((ROOT / "tests/pictures/parity").glob("*.*"))
    files = [f for f in files if f.suffix in (".png", ".webp")][::25][:8]
    taken = {}
    model._blocks[11].register_forward_hook(lambda m, i, o: taken.__setitem__("block11", o))
    model._blocks[14].register_forward_hook(lambda m, i, o: taken.__setitem__("block14", o))
    features = {name: [] for name in ("block11", "block14", "head")}
    for file in files:
        picture = torch.tensor(preprocess_file(file)).permute(2, 0, 1)
        pixels = (picture.float() - 127) / 128
        with torch.no_grad():
            taken["head"] = model.extract_features(pixels[None])
        for name, rows in features.items():
            rows.append(taken[name][0].flatten(1).T[:, ::STEP].contiguous())
    tensors = {name: torch.stack(rows) for name, rows in features.items()}
    names = json.dumps([f.name for f in files])
    save_file(tensors, HERE / "efficientnet.safetensors", {"pictures": names, "torch": torch.__version__})
    print({k: tuple(v.shape) for k, v in tensors.items()}, names)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
