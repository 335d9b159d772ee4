"""Golden data of whole IDEFICS models, from transformers.

    python make_idefics.py

Tiny random models as transformers saves them. idefics_base: resampler, norms of
queries and keys, a gated block before every second layer, one safetensors file,
a tokenizer. idefics_instruct: a third added token, vector gates, no resampler,
no such norms, a block before every layer, shards, a tokenizer. idefics_early:
the flat config and the sharded pickles of the first releases, no tokenizer.
The mask of pictures follows the rule (an end of sequence closes the picture);
it is checked against the processor's own function.
prompts.json holds prompts with the ids and masks that `IdeficsProcessor` makes
of them, pixels.safetensors what its image processor makes of picture.png.

Rows: picture first, text first, two pictures in a row, no picture, padded left,
padded right, one token, an end of sequence before more text.
Writes idefics_*/. Made with torch 2.13.0, transformers 5.23.0.
"""

import json
import types
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, trainers
from transformers import IdeficsConfig, IdeficsForVisionText2Text, IdeficsProcessor, PreTrainedTokenizerFast
from transformers.models.idefics import processing_idefics as processing
from transformers.models.idefics.image_processing_pil_idefics import IdeficsImageProcessorPil

from golden_language import HERE, VERSIONS, randomise

VOCABULARY, END, FAKE, IMAGE = 48, 2, 48, 49
PX, PATCH, VISUAL = 10, 5, 12
NAMES = ["<fake_token_around_image>", "<image>", "<end_of_utterance>"]


def ids_and_mask() -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(3, VOCABULARY, (8, 14))
    mask = torch.ones_like(ids)
    for row, places in enumerate([(1, 8), (5, 10), (4, 6, 11), (), (6,), (1, 5), (13,), (1, 9)]):
        for place in places:
            ids[row, max(0, place - 1) : place + 2] = FAKE
        ids[row, list(places)] = IMAGE
    ids[7, 5] = END
    ids[4, :4], mask[4, :4] = 0, 0
    ids[5, 11:], mask[5, 11:] = 0, 0
    ids[6, :13], mask[6, :13] = 0, 0
    return ids, mask


def picture_mask(ids: torch.Tensor, pictures: int) -> torch.Tensor:
    """One-hot of the picture that each token looks at, [b, l, pictures]."""
    mask = torch.zeros(*ids.shape, pictures, dtype=torch.long)
    for row, tokens in enumerate(ids.tolist()):
        count, closed = -1, False
        for at, token in enumerate(tokens):
            if token == IMAGE:
                count, closed = count + 1, False
            if count >= 0 and not closed:
                mask[row, at, count] = 1
            closed = closed or token == END
    tokenizer = types.SimpleNamespace(eos_token_id=END, convert_tokens_to_ids=lambda _: IMAGE)
    theirs, _ = processing.image_attention_mask_for_packed_input_ids(ids, tokenizer, "pt")
    theirs = processing.incremental_to_binary_attention_mask(theirs, "pt", num_classes=pictures)
    assert torch.equal(mask, theirs)
    return mask


def build(folder: Path, seed: int, **sizes: object) -> IdeficsForVisionText2Text:
    torch.manual_seed(seed)
    config = IdeficsConfig(
        vocab_size=VOCABULARY, max_position_embeddings=64, freeze_text_layers=False, freeze_vision_layers=False,
        pad_token_id=0, **sizes,
    )
    model = IdeficsForVisionText2Text(config).float().eval()
    # Larger weights enlarge rounding: here halves still tell the model.
    randomise(model, 0.18)
    ids, mask = ids_and_mask()
    pixels = torch.randn(8, 3, 3, PX, PX)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "alpha_" in name:
                p.copy_(torch.randn_like(p))
            if name.startswith("lm_head"):
                p.mul_(2)
        for row in range(8):
            pixels[row, (ids[row] == IMAGE).sum():] = 0
        features = model.model.vision_model(pixels.flatten(0, 1)).last_hidden_state.unflatten(0, (8, 3))
        output = model(
            input_ids=ids, attention_mask=mask, pixel_values=pixels, image_attention_mask=picture_mask(ids, 3)
        )
    kept = output.logits[mask.bool()]
    print(folder.name, "logits' spread", round(kept.std().item(), 3), "most", round(kept.abs().max().item(), 2))
    folder.mkdir(exist_ok=True)
    inputs = {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels}
    golden = {
        "logits": output.logits, "latents": output.image_hidden_states, "vision_features": features.unsqueeze(2),
    }
    save_file(inputs, folder / "inputs.safetensors", VERSIONS)
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "logits.safetensors", VERSIONS)
    return model


VISION = dict(embed_dim=VISUAL, image_size=PX, patch_size=PATCH, num_hidden_layers=2, num_attention_heads=3,
              intermediate_size=20)


def save_folder(folder: Path, model: IdeficsForVisionText2Text, shard: str = "5GB") -> None:
    model.save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)


def save_early(folder: Path, model: IdeficsForVisionText2Text) -> None:
    """Keys side by side, pickles by an index, buffers among the tensors."""
    c = model.config
    vision, perceiver = c.vision_config, c.perceiver_config
    config = {
        "architectures": ["IdeficsForVisionText2Text"], "model_type": "idefics", "torch_dtype": "float32",
        "transformers_version": "4.31.0.dev0", "tie_word_embeddings": False, "hidden_act": "silu",
        "cross_layer_activation_function": "swiglu", "alpha_initializer": "zeros", "alpha_type": "float",
        "additional_vocab_size": 2, "vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": END, "pad_token_id": 0,
        "vision_embed_dim": vision.embed_dim, "vision_image_size": vision.image_size,
        "vision_patch_size": vision.patch_size, "vision_num_hidden_layers": vision.num_hidden_layers,
        "vision_num_attention_heads": vision.num_attention_heads,
        "vision_intermediate_size": vision.intermediate_size, "vision_model_name": "google/vit-base-patch16-224",
        "resampler_depth": perceiver.resampler_depth, "resampler_n_heads": perceiver.resampler_n_heads,
        "resampler_head_dim": perceiver.resampler_head_dim, "resampler_n_latents": perceiver.resampler_n_latents,
        "qk_layer_norms_perceiver": False, "use_resampler": True,
    }
    same = ["hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "rms_norm_eps",
            "cross_layer_interval", "qk_layer_norms", "max_position_embeddings"]
    config |= {key: getattr(c, key) for key in same}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    state = model.state_dict()
    for i in range(c.num_hidden_layers):
        state[f"model.layers.{i}.self_attn.rotary_emb.inv_freq"] = torch.ones(4)
    state["model.gated_cross_attn_layers.0.cross_attn.rotary_emb.inv_freq"] = torch.ones(4)
    state["model.vision_model.embeddings.position_ids"] = torch.arange(5)[None]
    names = sorted(state)
    shards = [names[: len(names) // 2], names[len(names) // 2 :]]
    index = {"metadata": {"total_size": 0}, "weight_map": {}}
    for i, own in enumerate(shards):
        file = f"pytorch_model-{i + 1:05}-of-00002.bin"
        torch.save({name: state[name].clone() for name in own}, folder / file)
        index["weight_map"] |= dict.fromkeys(own, file)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2) + "\n")


def make_tokenizer(added: int) -> PreTrainedTokenizerFast:
    """Of the kind that LLaMA has; the added tokens stand behind its vocabulary."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0),
    ])
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False)
    corpus = ["User: Describe this image. Assistant: A dog and a cat on the mat.", "Question: what is this? Answer:"]
    tokenizer.train_from_iterator(corpus * 20, trainer)
    assert tokenizer.get_vocab_size() == VOCABULARY, tokenizer.get_vocab_size()
    tokenizer.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in NAMES[:added]])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>", pad_token="<unk>",
        additional_special_tokens=NAMES[:added], padding_side="left",
    )


def save_prompts(folder: Path, added: int) -> None:
    tokenizer = make_tokenizer(added)
    tokenizer.save_pretrained(folder)
    processor = IdeficsProcessor(IdeficsImageProcessorPil(image_size=PX), tokenizer)
    image = Image.effect_mandelbrot((23, 14), (-2, -1.2, 0.8, 1.2), 60).convert("RGBA")
    image.putdata([(r, (3 * x) % 256, (7 * x) % 256, 255 - x % 200) for x, (r, _, _, _) in enumerate(image.get_flattened_data())])
    image.save(folder / "picture.png")
    end = "<end_of_utterance>" if added > 2 else "</s>"
    pictured = {"image": "picture.png"}
    prompts = [
        ["User:", pictured, "Describe this image.", "Assistant:"],
        [pictured, pictured, " A dog and a cat ", pictured, "what is this?"],
        ["Question: what is this?"],
        [pictured, f"A dog{end}", pictured, f" A cat{end}", "on the mat"],
        ["User: what ", f" is this?{end}", "Assistant:", pictured],
    ]
    found = []
    for prompt in prompts:
        # The processor itself ends utterances that are followed by text.
        is_ended = [added > 2 and isinstance(after, str) for after in [*prompt[1:], None]]
        theirs = [
            image if isinstance(item, dict) else item.removesuffix(end) if ended else item
            for item, ended in zip(prompt, is_ended)
        ]
        output = processor(text=theirs, return_tensors="pt", add_end_of_utterance_token=added > 2)
        mask = output["image_attention_mask"][0].long()
        ordinals = (mask * (1 + torch.arange(mask.shape[1]))).sum(1)
        items = []
        for item in prompt:
            if isinstance(item, dict):
                items.append(item)
                continue
            text = item.removesuffix(end)
            items += [{"text": text}] + ([{"endOfChunk": True}] if text != item else [])
        found.append({"items": items, "ids": output["input_ids"][0].tolist(), "media": ordinals.tolist()})
        if pictured in prompt:
            pixels = output["pixel_values"][0, 0]
    (folder / "prompts.json").write_text(json.dumps(found) + "\n")
    save_file({"pixels": pixels.contiguous()}, folder / "pixels.safetensors", VERSIONS)


def main() -> None:
    folder = HERE / "idefics_base"
    model = build(
        folder, 41, hidden_size=24, num_attention_heads=3, num_hidden_layers=4, intermediate_size=40,
        additional_vocab_size=2, cross_layer_interval=2, qk_layer_norms=True, use_resampler=True, rms_norm_eps=1e-5,
        vision_config=VISION, perceiver_config=dict(
            use_resampler=True, resampler_depth=2, resampler_n_heads=3, resampler_head_dim=10, resampler_n_latents=5,
            qk_layer_norms_perceiver=True),
    )
    save_folder(folder, model)
    save_prompts(folder, 2)
    folder = HERE / "idefics_instruct"
    model = build(
        folder, 42, hidden_size=20, num_attention_heads=2, num_hidden_layers=3, intermediate_size=33,
        additional_vocab_size=3, cross_layer_interval=1, alpha_type="vector", vision_config=VISION | {"hidden_act": "quick_gelu"},
    )
    save_folder(folder, model, "60KB")
    save_prompts(folder, 3)
    folder = HERE / "idefics_early"
    model = build(
        folder, 43, hidden_size=16, num_attention_heads=2, num_hidden_layers=2, intermediate_size=22,
        additional_vocab_size=2, cross_layer_interval=2, qk_layer_norms=True, use_resampler=True, vision_config=VISION,
        perceiver_config=dict(
            use_resampler=True, resampler_depth=1, resampler_n_heads=2, resampler_head_dim=8, resampler_n_latents=3),
    )
    save_early(folder, model)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
