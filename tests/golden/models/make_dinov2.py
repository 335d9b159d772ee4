"""Tiny DINOv2 models with golden features, from transformers.

    python make_dinov2.py

Writes dinov2_<name>/: a Hugging Face folder with random weights, and for each
side of the picture golden_<px>.safetensors with `pixels`, `normed` (the last
hidden state: class token and patches after the last norm) and `plain` (before
it). Sides other than the model's own have their positions interpolated.
Made with torch 2.13.0 and transformers 5.23.0.
"""

from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import Dinov2Config, Dinov2ForImageClassification, Dinov2Model

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__}

# A bare encoder with heads of 6; 17 and 44 pixels leave a rest beside patches of 7.
GELU = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=4, mlp_ratio=3, image_size=28, patch_size=7)
# An encoder inside a classifier, with gates of 32 and heads of 10, without biases of q, k and v.
SWIGLU = dict(
    hidden_size=20, num_hidden_layers=3, num_attention_heads=2, mlp_ratio=2, image_size=35, patch_size=5,
    use_swiglu_ffn=True, qkv_bias=False, layer_norm_eps=1e-5,
)
# Many heads of 3 on a grid of 1.
SMALL = dict(hidden_size=15, num_hidden_layers=1, num_attention_heads=5, mlp_ratio=4, image_size=8, patch_size=8)


def make(name: str, kind: type, sizes: dict, sides: list[int]) -> None:
    torch.manual_seed(sum(map(ord, name)))
    model = kind(Dinov2Config(**sizes)).eval()
    for key, value in model.named_parameters():
        is_scale = "norm" in key and key.endswith("weight") or "lambda" in key
        value.data.normal_(std=0.3).add_(1.0 if is_scale else 0.0)
    folder = HERE / f"dinov2_{name}"
    model.save_pretrained(folder)
    encoder = getattr(model, "dinov2", model)
    for px in sides:
        pixels = torch.randn(2 if px == sides[0] else 1, 3, px, px)
        with torch.no_grad():
            out = encoder(pixels, output_hidden_states=True)
        tensors = {"pixels": pixels, "normed": out.last_hidden_state, "plain": out.hidden_states[-1]}
        assert torch.allclose(encoder.layernorm(tensors["plain"]), tensors["normed"], atol=1e-5)
        save_file({k: v.contiguous() for k, v in tensors.items()}, folder / f"golden_{px}.safetensors", VERSIONS)
        print(name, px, {k: (tuple(v.shape), float(v.std())) for k, v in tensors.items()})


if __name__ == "__main__":
    torch.set_num_threads(1)
    make("gelu", Dinov2Model, GELU, [28, 17, 44])
    make("swiglu", Dinov2ForImageClassification, SWIGLU, [35, 20, 50])
    make("small", Dinov2Model, SMALL, [8, 24])
