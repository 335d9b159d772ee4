"""Golden data of a tiny Flamingo, from open_flamingo's own modules.

    python make_flamingo.py

A tiny LLaMA (untied, grouped heads) with OpenFlamingo's resampler and gated
cross-attention blocks before layers 0 and 2, random weights, open gates. The
"encoder" hands its pixels on: [3, 8, 8] numbers are read as 6 features of 32.
Rows: picture first, text first, two pictures in a row, text only.
A second bridge of one block, with five latents a picture, is run both ways of
only_attend_immediate_media; there all rows begin with a picture, as without it
open_flamingo lets tokens before the first picture attend to pictures to come.
Writes flamingo/: an HF folder, bridge.safetensors, case.safetensors,
odd_bridge.safetensors, odd_case.safetensors.
Made with torch 2.13.0, transformers, open-flamingo 2.0.1 (helpers.py alone; needs einops-exts).
"""

import importlib.util
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__, "open_flamingo": "2.0.1"}
IMAGE, WIDTH, VISUAL, LAYERS, LATENTS = 95, 48, 32, 3, 8
GATED = (0, 2)


def helpers():
    """open_flamingo/src/helpers.py without the package's other imports."""
    root = Path(importlib.util.find_spec("open_flamingo").submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location("helpers", root / "src/helpers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def randomise(module: torch.nn.Module) -> torch.nn.Module:
    with torch.no_grad():
        for name, p in module.named_parameters():
            noise = torch.randn_like(p)
            p.copy_(1 + 0.2 * noise if p.dim() == 1 and name.endswith("weight") else 0.3 * noise)
    return module.eval()


def run(lm, blocks: dict, latents: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Logits of the language model with gated blocks before some layers."""
    x = lm.model.embed_tokens(ids)
    positions = torch.arange(ids.shape[1])[None].expand(len(ids), -1)
    rotary = lm.model.rotary_emb(x, positions)
    mask = torch.full((ids.shape[1], ids.shape[1]), float("-inf")).triu(1)[None, None]
    for i, layer in enumerate(lm.model.layers):
        if i in blocks:
            x = blocks[i](x, latents, media_locations=ids == IMAGE)
        out = layer(x, attention_mask=mask, position_ids=positions, position_embeddings=rotary)
        x = out[0] if isinstance(out, tuple) else out
    return lm.lm_head(lm.model.norm(x))


def save_bridge(path: Path, resampler, blocks: dict) -> None:
    bridge = {f"perceiver.{k}": v for k, v in resampler.state_dict().items()}
    for i, block in blocks.items():
        prefix = f"lang_encoder.model.layers.{i}.gated_cross_attn_layer."
        bridge |= {prefix + k: v for k, v in block.state_dict().items()}
    save_file({k: v.contiguous().clone() for k, v in bridge.items()}, path, VERSIONS)


def odd(source, lm, folder: Path) -> None:
    """Five latents a picture, before layer 1 only, by both masks."""
    resampler = randomise(source.PerceiverResampler(dim=VISUAL, depth=1, dim_head=8, heads=2, num_latents=5))
    block = randomise(source.GatedCrossAttentionBlock(dim=WIDTH, dim_visual=VISUAL, dim_head=10, heads=2))
    ids = torch.randint(3, 90, (3, 13))
    for row, places in enumerate([(0, 4, 9), (0, 1, 8), (0, 6)]):
        ids[row, list(places)] = IMAGE
    pixels = torch.randn(3, 3, 3, 8, 8)
    case = {"input_ids": ids.int(), "pixel_values": pixels}
    with torch.no_grad():
        case["latents"] = resampler(pixels.reshape(3, 3, 1, 6, VISUAL))
        for mask in ("latest", "all"):
            block.attn.only_attend_immediate_media = mask == "latest"
            case[f"logits_{mask}"] = run(lm, {1: block}, case["latents"], ids)
    save_bridge(folder / "odd_bridge.safetensors", resampler, {1: block})
    save_file({k: v.contiguous().clone() for k, v in case.items()}, folder / "odd_case.safetensors", VERSIONS)


def main() -> None:
    torch.manual_seed(11)
    source = helpers()
    config = LlamaConfig(
        vocab_size=96, hidden_size=WIDTH, intermediate_size=80, num_hidden_layers=LAYERS,
        num_attention_heads=4, num_key_value_heads=2, head_dim=12, max_position_embeddings=256,
        rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2,
    )
    lm = randomise(LlamaForCausalLM(config).float())
    resampler = randomise(source.PerceiverResampler(
        dim=VISUAL, depth=2, dim_head=8, heads=3, num_latents=LATENTS))
    blocks = {i: randomise(source.GatedCrossAttentionBlock(
        dim=WIDTH, dim_visual=VISUAL, dim_head=12, heads=3)) for i in GATED}
    ids = torch.randint(3, 90, (4, 21))
    for row, places in enumerate([(0, 9), (4, 12), (5, 6, 15), ()]):
        ids[row, list(places)] = IMAGE
    pixels = torch.randn(4, 3, 3, 8, 8)
    with torch.no_grad():
        features = pixels.reshape(4, 3, 1, 6, VISUAL)
        latents = resampler(features)
        logits = run(lm, blocks, latents, ids)
        alone = lm(input_ids=ids).logits
    folder = HERE / "flamingo"
    lm.save_pretrained(folder, safe_serialization=True)
    (folder / "generation_config.json").unlink(missing_ok=True)
    save_bridge(folder / "bridge.safetensors", resampler, blocks)
    case = {"input_ids": ids.int(), "pixel_values": pixels, "latents": latents, "logits": logits, "language_logits": alone}
    save_file({k: v.contiguous().clone() for k, v in case.items()}, folder / "case.safetensors", VERSIONS)
    odd(source, lm, folder)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
