"""Writes golden.safetensors: what PyTorch's own layers make of one picture.

    python3 make_golden.py

Made with torch 2.13.0 and safetensors 0.8.0. The formulas are those of the
papers (MLP-Mixer; Honeybee's C-Abstractor), channels first as PyTorch has them.
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

HERE = pathlib.Path(__file__).parent
EPS = 1e-6


def weights(name):
    tensors = load_file(HERE / "weights" / f"{name}.safetensors")
    return {key: value.float() for key, value in tensors.items()}


def linear(w, name, x):
    return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def norm(w, name, x):
    weight = w[f"{name}.weight"]
    return F.layer_norm(x, weight.shape, weight, w[f"{name}.bias"], EPS)


def mlp(w, name, x):
    return linear(w, f"{name}.fc2", F.gelu(linear(w, f"{name}.fc1", x)))


def mixer(w, pixels):
    stem = w["stem.proj.weight"]
    x = F.conv2d(pixels, stem, w["stem.proj.bias"], stride=stem.shape[-1])
    x = x.flatten(2).transpose(1, 2)
    for i in range(2):
        tokens = norm(w, f"blocks.{i}.norm1", x).transpose(1, 2)
        x = x + mlp(w, f"blocks.{i}.mlp_tokens", tokens).transpose(1, 2)
        x = x + mlp(w, f"blocks.{i}.mlp_channels", norm(w, f"blocks.{i}.norm2", x))
    return norm(w, "norm", x)


def conv_norm(w, name, x, **options):
    x = F.conv2d(x, w[f"{name}.conv.weight"], **options)
    return norm(w, f"{name}.bn", x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def squeeze_excite(w, name, x):
    mean = x.mean((2, 3), keepdim=True)
    small = F.silu(F.conv2d(mean, w[f"{name}.fc1.weight"], w[f"{name}.fc1.bias"]))
    return x * torch.sigmoid(F.conv2d(small, w[f"{name}.fc2.weight"], w[f"{name}.fc2.bias"]))


def reg_block(w, name, x):
    y = F.silu(conv_norm(w, f"{name}.conv1", x))
    y = F.silu(conv_norm(w, f"{name}.conv2", y, padding=1, groups=y.shape[1]))
    y = conv_norm(w, f"{name}.conv3", squeeze_excite(w, f"{name}.se", y))
    if f"{name}.downsample.conv.weight" in w:
        x = conv_norm(w, f"{name}.downsample", x)
    return F.silu(x + y)


def c_abstractor(w, features):
    x = features + w["pos_emb"]
    side = int(x.shape[1] ** 0.5)
    x = x.transpose(1, 2).unflatten(2, (side, side))
    x = reg_block(w, "net.0.b1", x)
    x = F.adaptive_avg_pool2d(x, (2, 2))
    x = reg_block(w, "net.2.b1", x)
    x = x.flatten(2).transpose(1, 2)
    return linear(w, "readout.2", F.silu(linear(w, "readout.0", x)))


def main():
    torch.manual_seed(0)
    pixels = torch.randn(1, 3, 24, 24)
    features = mixer(weights("mixer"), pixels)
    latents = c_abstractor(weights("c_abstractor"), features)
    golden = {"pixels": pixels, "features": features, "latents": latents}
    for name, value in golden.items():
        print(name, list(value.shape), f"{value.min():.2f} … {value.max():.2f}")
    golden = {name: value.contiguous() for name, value in golden.items()}
    save_file(golden, HERE / "golden.safetensors")


if __name__ == "__main__":
    main()
