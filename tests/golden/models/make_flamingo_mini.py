"""Golden data of whole flamingo-mini models, from flamingo-mini's own modules.

    python make_flamingo_mini.py FOLDER     # of dhansmair/flamingo-mini's checkout

Tiny random models on GPT-2 and OPT, in folders that its configs can name:
flamingo_mini_gpt2 reads videos of two frames, has gated blocks before every
second layer, and its checkpoint holds everything; flamingo_mini_opt has one
before every layer and lacks the vision tower, as flamingo-mini allows;
flamingo_mini_trained, on an OPT with its norms behind the layers and a narrow
embedding, holds what is trained alone. The others' weights lie in folders
beside the checkpoint. Its layers are called as transformers 4 called them.

Rows: picture first, text first, two pictures in a row, no picture, padded left,
padded right, one token. A mark is three plain tokens, `<` or ` <` first.
Writes flamingo_mini_*/. Made with torch 2.13.0, transformers 5.23.0,
flamingo-mini at 8a8feae.
"""

import json
import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    CLIPVisionConfig,
    CLIPVisionModel,
    GPT2Config,
    GPT2LMHeadModel,
    OPTConfig,
    OPTForCausalLM,
)

from golden_language import HERE, VERSIONS, randomise

PX, PATCH, VISUAL, WORDS = 10, 5, 12, 48
BARE, SPACED, NAME, CLOSE = 7, 8, 9, 10


def media(ids: torch.Tensor) -> torch.Tensor:
    return (ids == BARE) | (ids == SPACED)


def inputs(frames: int) -> dict:
    ids = torch.randint(11, WORDS, (7, 15))
    mask = torch.ones_like(ids)
    for row, places in enumerate([(0, 7), (4, 11), (2, 5, 9), (), (6,), (0, 6), (14,)]):
        for i, place in enumerate(places):
            tag = torch.tensor([BARE if i % 2 == 0 else SPACED, NAME, CLOSE])
            ids[row, place : place + 3] = tag[: 15 - place]
    mask[4, :5] = 0
    mask[5, 11:] = 0
    mask[6, :14] = 0
    pixels = torch.randn(7, 3, frames, 3, PX, PX) if frames > 1 else torch.randn(7, 3, 3, PX, PX)
    for row in range(7):
        pixels[row, media(ids[row]).sum():] = 0
    return {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels}


def modules():
    sys.path.insert(0, sys.argv[1])
    from flamingo_mini import FlamingoConfig, FlamingoModel
    from flamingo_mini.gated_cross_attention import ModifiedLMBlock

    def forward(self, hidden_states, *others, use_cache=False, **kwargs):
        y, _ = self.xattn_block(
            y=hidden_states, visual_features=self.visual_features, media_locations=self.media_locations,
            previous_kv=None, output_kv=False,
        )
        return self.lm_block(y, *others, use_cache=use_cache, **kwargs)

    ModifiedLMBlock.forward = forward
    return FlamingoConfig, FlamingoModel


def save_tokenizer(folder: Path) -> None:
    """Of GPT-2's kind, with `<`, ` <`, `image` and `>` where the rows have them."""
    words = ["<pad>", "<s>", "</s>", "!", "?", ".", "Ġ", "<", "Ġ<", "image", ">", *"abcdefghijklmnopqrstuvwxyz"]
    words += ["im", "ima", "imag", *(f"Ġ{letter}" for letter in "abcdefgh")]
    assert len(words) == WORDS and words[BARE] == "<" and words[CLOSE] == ">"
    pairs = [("Ġ", "<"), ("i", "m"), ("im", "a"), ("ima", "g"), ("imag", "e"), *(("Ġ", letter) for letter in "abcdefgh")]
    tokenizer = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(folder / "tokenizer.json"))
    text = "<image> a dog <image> a"
    marked = [i for i in tokenizer.encode(text).ids if i in (BARE, SPACED)]
    assert marked == [BARE, SPACED], tokenizer.encode(text).tokens


def keep_config(folder: Path) -> None:
    for file in folder.iterdir():
        if file.name != "config.json":
            file.unlink()


def mini(name: str, seed: int, base, frames: int, kept: str, sources, **sizes: object) -> None:
    torch.manual_seed(seed)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    lm, clip = Path(sizes["lm"]), Path("openai/clip-tiny")
    # Larger weights enlarge rounding: here halves still tell the model.
    std = 0.15 if kept == "trained" else 0.3
    randomise(base, std)
    base.save_pretrained(lm)
    vision = CLIPVisionModel(CLIPVisionConfig(
        hidden_size=VISUAL, intermediate_size=30, num_hidden_layers=2, num_attention_heads=3, image_size=PX,
        patch_size=PATCH))
    randomise(vision, 0.4)
    vision.save_pretrained(clip)
    config_class, model_class = sources
    model = model_class(config_class(dim_visual=VISUAL, clip_model_type=str(clip), **sizes)).eval()
    model.flamingo.vision_encoder.eval()
    tied = model.flamingo.lm_head.weight is model.flamingo.lm.get_input_embeddings().weight
    assert tied
    with torch.no_grad():
        for name_, p in model.named_parameters():
            if p.requires_grad:
                is_scale = p.dim() == 1 and name_.endswith("weight")
                p.copy_(torch.randn_like(p) * (max(std, 0.2) if p.dim() > 1 else 0.2) + (1.0 if is_scale else 0.0))
            if "alpha_" in name_:
                p.copy_(torch.randn_like(p))
        case = inputs(frames)
        pixels = case["pixel_values"]
        features = model.flamingo.vision_encoder(pixels.reshape(-1, 3, PX, PX)).last_hidden_state
        extra = {}
        if "opt" not in name:
            extra["position_ids"] = (case["attention_mask"].cumsum(1) - 1).clamp(min=0)
        golden = {
            "vision_features": features.unflatten(0, (7, 3, frames)),
            "latents": model.flamingo.encode_resample_visuals(pixels),
            "logits": model(
                input_ids=case["input_ids"], attention_mask=case["attention_mask"], pixel_values=pixels,
                media_locations=media(case["input_ids"]).int(), **extra,
            ).logits,
        }
    spread = golden["logits"][case["attention_mask"].bool()].std().item()
    print(name, "logits' spread", round(spread, 3), "shape", list(golden["logits"].shape))
    save_file(case, folder / "inputs.safetensors", VERSIONS)
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "logits.safetensors", VERSIONS)
    state = model.state_dict()
    if kept == "all":
        keep_config(lm)
        keep_config(clip)
        # Names and buffers as transformers 4 saved them.
        tower = "flamingo.vision_encoder."
        state = {k.replace(tower, tower + "vision_model."): v for k, v in state.items()}
        state[tower + "vision_model.embeddings.position_ids"] = torch.arange(5)[None]
        state["flamingo.lm.h.0.lm_block.attn.bias"] = torch.ones(1, 1, 8, 8, dtype=torch.bool).tril()
        state["flamingo.lm.h.1.attn.masked_bias"] = torch.tensor(-1e4)
        torch.save(state, folder / "pytorch_model.bin")
    elif kept == "no vision":
        state = {k: v for k, v in state.items() if "vision_encoder" not in k and k != "flamingo.lm_head.weight"}
        save_file({k: v.contiguous() for k, v in state.items()}, folder / "model.safetensors", {"format": "pt"})
        keep_config(lm)
    else:
        state = model.state_dict_trainable()
        torch.save(state, folder / "pytorch_model.bin")
    save_tokenizer(lm)
    for generation in folder.rglob("generation_config.json"):
        generation.unlink()
    config = {k: v for k, v in model.config.to_dict().items() if k in sizes or not isinstance(v, (dict, type(None)))}
    config |= {"model_type": ""}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def main() -> None:
    sources = modules()
    mini(
        "flamingo_mini_gpt2", 51, GPT2LMHeadModel(GPT2Config(
            n_embd=24, n_layer=3, n_head=3, n_positions=64, vocab_size=WORDS, bos_token_id=1, eos_token_id=2)),
        2, "all", sources, lm="gpt2-tiny", dim=24, xattn_every=2, xattn_act="sqrelu", xattn_heads=2,
        xattn_dim_head=10, resampler_act="sqrelu", resampler_depth=2, resampler_heads=3, resampler_dim_head=6,
        resampler_num_latents=5, resampler_num_time_embeds=3, xattn_ff_mult=2,
    )
    opt = dict(max_position_embeddings=64, vocab_size=WORDS, bos_token_id=2, eos_token_id=2, pad_token_id=1)
    mini(
        "flamingo_mini_opt", 52, OPTForCausalLM(OPTConfig(
            hidden_size=20, num_hidden_layers=2, num_attention_heads=2, ffn_dim=50, word_embed_proj_dim=20, **opt)),
        1, "no vision", sources, lm="facebook/opt-tiny", dim=20, xattn_heads=3, xattn_dim_head=6,
        resampler_act="relu", resampler_depth=1, resampler_heads=2, resampler_dim_head=8, resampler_num_latents=4,
    )
    mini(
        "flamingo_mini_trained", 53, OPTForCausalLM(OPTConfig(
            hidden_size=24, num_hidden_layers=2, num_attention_heads=3, ffn_dim=40, word_embed_proj_dim=16,
            do_layer_norm_before=False, **opt)),
        1, "trained", sources, lm="facebook/opt-narrow", dim=24, xattn_act="sqrelu", xattn_heads=2,
        xattn_dim_head=12, resampler_depth=1, resampler_heads=3, resampler_dim_head=4, resampler_num_latents=3,
        resampler_ff_mult=3,
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.argv[1] = str(Path(sys.argv[1]).resolve())
    main()
