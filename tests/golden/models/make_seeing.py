"""Attention weights of the tiny Flamingo, recorded inside open_flamingo's own modules.

    python make_seeing.py

Runs the model that make_flamingo.py saved on its case, and records what softmax
gives in PerceiverAttention and MaskedCrossAttention. From these, by PyTorch: the
resampler's rollout R <- R/2 + (F + L R)/2 from 0, rows divided by their sums,
and what each token reads of each picture, the mean over heads and blocks times
that rollout. Tokens before the first picture read nothing.
Writes seeing.safetensors: cross [b, blocks, h, l, t*r], resampler
[b*t, layers, h, r, n+r], flow [b, t, r, n], regions [b, l, t, n].
Made with torch 2.13.0, transformers, open-flamingo 2.0.1 (helpers.py alone).
"""

import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM

from make_flamingo import GATED, HERE, IMAGE, LATENTS, VERSIONS, VISUAL, WIDTH, helpers, run

recorded: dict = {}
current: list = []
original = torch.Tensor.softmax


def softmax(self, *args, **kwargs):
    weights = original(self, *args, **kwargs)
    if current:
        recorded.setdefault(current[-1], []).append(weights)
    return weights


def watch(name: str, module: torch.nn.Module) -> None:
    module.register_forward_pre_hook(lambda *_: current.append(name))
    module.register_forward_hook(lambda *_: current.pop() and None)


def part(bridge: dict, prefix: str) -> dict:
    return {name.removeprefix(prefix): value for name, value in bridge.items() if name.startswith(prefix)}


def main() -> None:
    torch.Tensor.softmax = softmax
    folder = HERE / "flamingo"
    source, bridge, case = helpers(), load_file(folder / "bridge.safetensors"), load_file(folder / "case.safetensors")
    lm = LlamaForCausalLM.from_pretrained(folder, attn_implementation="eager").float().eval()
    resampler = source.PerceiverResampler(dim=VISUAL, depth=2, dim_head=8, heads=3, num_latents=LATENTS)
    resampler.load_state_dict(part(bridge, "perceiver."))
    blocks = {i: source.GatedCrossAttentionBlock(dim=WIDTH, dim_visual=VISUAL, dim_head=12, heads=3) for i in GATED}
    for i, block in blocks.items():
        block.load_state_dict(part(bridge, f"lang_encoder.model.layers.{i}.gated_cross_attn_layer."))
        watch("cross", block.attn)
    for layer in resampler.layers:
        watch("resampler", layer[0])
    ids, pixels = case["input_ids"].long(), case["pixel_values"]
    with torch.no_grad():
        latents = resampler(pixels.reshape(4, 3, 1, 6, VISUAL))
        logits = run(lm, blocks, latents, ids)
    assert (logits - case["logits"]).abs().max() < 1e-5
    # [b, h, t, r, n + r] -> [b*t, layers, h, r, n + r]
    layers = torch.stack([w.permute(0, 2, 1, 3, 4).flatten(0, 1) for w in recorded["resampler"]], 1)
    media = (ids == IMAGE).cumsum(1)
    cross = torch.stack(recorded["cross"], 1) * (media > 0)[:, None, None, :, None]
    means = layers.mean(2)
    flow = torch.zeros(12, LATENTS, 6)
    for weights in means.unbind(1):
        flow = flow / 2 + (weights[..., :6] + weights[..., 6:] @ flow) / 2
    flow = (flow / flow.sum(-1, keepdim=True)).reshape(4, 3, LATENTS, 6)
    read = cross.mean((1, 2)).unflatten(-1, (3, LATENTS))
    regions = torch.einsum("bltr,btrn->bltn", read, flow)
    golden = {"cross": cross, "resampler": layers, "flow": flow, "regions": regions}
    for name, value in golden.items():
        print(name, tuple(value.shape))
    save_file({k: v.float().contiguous() for k, v in golden.items()}, HERE / "seeing.safetensors", VERSIONS)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
