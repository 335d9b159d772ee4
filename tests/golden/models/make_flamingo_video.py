"""Golden data of a tiny Flamingo that reads videos, from open_flamingo's modules.

    python make_flamingo_video.py

The language model and gated blocks of flamingo/ (see make_flamingo.py, to be
run first) with another resampler: embeddings of 3 frames and of 4 pictures.
Each row has three videos of two frames. Rows: video first, text first, two in
a row.
Writes flamingo_video.safetensors: `perceiver.*`, `input_ids`, `pixel_values`
[b, t, f, 3, h, w], `vision_features` [b, t, f, n, d], `latents`, `logits`.
Made with torch 2.13.0, transformers 5.23.0, open-flamingo 2.0.1 (helpers.py alone; needs einops-exts).
"""

import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaForCausalLM

from make_flamingo import GATED, HERE, IMAGE, LATENTS, VERSIONS, VISUAL, WIDTH, helpers, randomise

FRAMES, MEDIA, LENGTH = 2, 3, 17


def gated_blocks(source) -> dict:
    """Blocks with the weights of flamingo/bridge.safetensors."""
    bridge = load_file(HERE / "flamingo/bridge.safetensors")
    blocks = {}
    for i in GATED:
        prefix = f"lang_encoder.model.layers.{i}.gated_cross_attn_layer."
        block = source.GatedCrossAttentionBlock(dim=WIDTH, dim_visual=VISUAL, dim_head=12, heads=3)
        block.load_state_dict({k.removeprefix(prefix): v for k, v in bridge.items() if k.startswith(prefix)})
        blocks[i] = block.eval()
    return blocks


def logits_of(lm: LlamaForCausalLM, blocks: dict, ids: torch.Tensor, latents: torch.Tensor) -> torch.Tensor:
    rows, length = ids.shape
    x = lm.model.embed_tokens(ids)
    positions = torch.arange(length)[None].expand(rows, -1)
    rotary = lm.model.rotary_emb(x, positions)
    mask = torch.full((length, length), float("-inf")).triu(1)[None, None]
    for i, layer in enumerate(lm.model.layers):
        if i in blocks:
            x = blocks[i](x, latents, media_locations=ids == IMAGE)
        out = layer(x, attention_mask=mask, position_ids=positions, position_embeddings=rotary)
        x = out[0] if isinstance(out, tuple) else out
    return lm.lm_head(lm.model.norm(x))


def main() -> None:
    torch.manual_seed(29)
    source = helpers()
    lm = LlamaForCausalLM.from_pretrained(HERE / "flamingo").float().eval()
    resampler = randomise(source.PerceiverResampler(
        dim=VISUAL, depth=1, dim_head=6, heads=3, num_latents=LATENTS, max_num_media=4, max_num_frames=3, ff_mult=2))
    ids = torch.randint(3, 90, (3, LENGTH))
    for row, places in enumerate([(0, 6, 11), (4, 9, 13), (3, 4, 12)]):
        ids[row, list(places)] = IMAGE
    pixels = torch.randn(3, MEDIA, FRAMES, 3, 8, 8)
    with torch.no_grad():
        features = pixels.reshape(3, MEDIA, FRAMES, 6, VISUAL)
        latents = resampler(features)
        logits = logits_of(lm, gated_blocks(source), ids, latents)
    tensors = {f"perceiver.{k}": v for k, v in resampler.state_dict().items()}
    tensors |= {"input_ids": ids.int(), "pixel_values": pixels, "vision_features": features}
    tensors |= {"latents": latents, "logits": logits}
    save_file({k: v.contiguous().clone() for k, v in tensors.items()}, HERE / "flamingo_video.safetensors", VERSIONS)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
