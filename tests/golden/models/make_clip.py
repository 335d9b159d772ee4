"""Golden data of CLIP models, from PyTorch and transformers.

    python make_clip.py

Writes tiny random Hugging Face folders: vision towers alone (`clip_vit_*`, odd
grids, widths and heads) and whole models (`clip_*`, both rules for the end of a
text), each with inputs and what transformers makes of them; a copy of a whole
model under open_clip's names, as torch file and with numbers that are no
weights; and `clip_positions.json`, positions interpolated to other grids.
Made with torch 2.13.0, transformers (version in the files).
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPModel, CLIPVisionConfig, CLIPVisionModel

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__}


def randomise(model) -> None:
    """Values at which every part of the model shows in its results."""
    for name, p in model.named_parameters():
        if name.endswith("logit_scale"):
            p.fill_(2.3)
        elif "norm" in name or "layrnorm" in name:
            p.copy_(torch.randn_like(p) * 0.2 + (1.0 if name.endswith("weight") else 0.0))
        else:
            size = {"patch_embedding": 0.1, "embedding": 0.7}
            std = next((value for part, value in size.items() if part in name), 0.25)
            p.copy_(torch.randn_like(p) * std)


def save(model, folder: Path) -> None:
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "generation_config.json").unlink(missing_ok=True)


def write(folder: Path, case: dict, file: str = "case") -> None:
    save_file({name: t.contiguous() for name, t in case.items()}, folder / f"{file}.safetensors", VERSIONS)


def vision(name: str, other_px: tuple = (), **sizes) -> None:
    torch.manual_seed(11)
    config = CLIPVisionConfig(**sizes)
    model = CLIPVisionModel(config).float().eval()
    randomise(model)
    save(model, HERE / name)
    pixels = torch.randn(3, 3, config.image_size, config.image_size)
    made = model(pixels)
    hidden = made.last_hidden_state
    tower = getattr(model, "vision_model", model)
    normed = tower.post_layernorm(hidden)
    write(HERE / name, {"pixels": pixels, "last_hidden_state": hidden, "post_norm": normed})
    for px in other_px:
        pixels = torch.randn(1, 3, px, px)
        made = model(pixels, interpolate_pos_encoding=True)
        case = {"pixels": pixels, "last_hidden_state": made.last_hidden_state}
        write(HERE / name, case, f"case_{px}")


def whole(name: str, vision: dict, text: dict, width: int) -> None:
    torch.manual_seed(12)
    config = CLIPConfig(vision_config=vision, text_config=text, projection_dim=width)
    model = CLIPModel(config).float().eval()
    randomise(model)
    save(model, HERE / name)
    px, vocabulary, end = vision["image_size"], text["vocab_size"], text["eos_token_id"]
    pixels = torch.randn(5, 3, px, px)
    longest = text["max_position_embeddings"]
    lengths = [1, 4, longest, 9, 2, longest]
    mark = vocabulary - 1 if end == 2 else end
    ids = torch.randint(3, mark, (len(lengths), max(lengths)))
    mask = torch.ones_like(ids)
    for row, length in enumerate(lengths):
        ids[row, length - 1] = mark
        ids[row, length:] = text["pad_token_id"]
        mask[row, length:] = 0
    ids[-1, -1] = 5  # a text without an end
    made = model(input_ids=ids, pixel_values=pixels, attention_mask=mask)
    write(HERE / name, {
        "pixels": pixels, "input_ids": ids, "attention_mask": mask,
        "last_hidden_state": made.vision_model_output.last_hidden_state,
        "image_embeds": made.image_embeds, "text_embeds": made.text_embeds,
        "logits_per_image": made.logits_per_image,
    })


RENAMES = {
    "embeddings.class_embedding": "class_embedding",
    "embeddings.patch_embedding.weight": "conv1.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "pre_layrnorm": "ln_pre", "post_layernorm": "ln_post", "final_layer_norm": "ln_final",
    "encoder.layers": "transformer.resblocks", "layer_norm1": "ln_1", "layer_norm2": "ln_2",
    "self_attn.out_proj": "attn.out_proj", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
}


def open_clip_names(name: str) -> None:
    """The same weights as open_clip names them."""
    tensors = load_file(HERE / name / "model.safetensors")
    made = {}
    for key, t in tensors.items():
        if ".k_proj." in key or ".v_proj." in key:
            continue
        if ".q_proj." in key:
            t = torch.cat([tensors[key.replace(".q_proj.", f".{part}_proj.")] for part in "qkv"])
            key = key.replace("self_attn.q_proj.", "attn.in_proj_")
        for old, new in RENAMES.items():
            key = key.replace(old, new)
        key = key.replace("vision_model.", "visual.").replace("text_model.", "")
        if key == "visual_projection.weight":
            key, t = "visual.proj", t.t().contiguous()
        if key == "text_projection.weight":
            key, t = "text_projection", t.t().contiguous()
        made[key] = t
    for number, value in {"input_resolution": 28, "context_length": 19, "vocab_size": 131}.items():
        made[number] = torch.tensor(value)
    torch.save(made, HERE / name / "open_clip.pt")


def positions() -> None:
    """Class token and grid, to larger and smaller grids, odd and even."""
    torch.manual_seed(13)
    cases = []
    for shape, leading, sides in [((17, 3), 1, (7, 3, 5, 1)), ((1, 11, 2), 2, (4, 8)), ((25, 2), 0, (2,))]:
        table = torch.randn(shape)
        rows = table.reshape(shape[-2:])
        grid = rows[leading:]
        side = round(len(grid) ** 0.5)
        grid = grid.reshape(1, side, side, -1).permute(0, 3, 1, 2)
        for to in sides:
            made = F.interpolate(grid, size=(to, to), mode="bicubic", align_corners=False)
            made = torch.cat([rows[:leading], made.permute(0, 2, 3, 1).reshape(to * to, -1)])
            rounded = [[round(v, 7) for v in t.flatten().tolist()] for t in (table, made)]
            cases.append({"shape": shape, "leading": leading, "side": to, "values": rounded[0], "result": rounded[1]})
    (HERE / "clip_positions.json").write_text(json.dumps({"versions": VERSIONS, "cases": cases}) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    vision(
        "clip_vit_quick", other_px=(40, 20), image_size=28, patch_size=4, hidden_size=60,
        intermediate_size=52, num_hidden_layers=2, num_attention_heads=5,
    )
    vision(
        "clip_vit_gelu", image_size=42, patch_size=14, hidden_size=36, intermediate_size=84,
        num_hidden_layers=3, num_attention_heads=3, hidden_act="gelu", layer_norm_eps=1e-3,
    )
    vision(
        "clip_vit_rest", image_size=26, patch_size=5, hidden_size=30, intermediate_size=41,
        num_hidden_layers=2, num_attention_heads=5,
    )
    whole(
        "clip_end",
        dict(image_size=28, patch_size=7, hidden_size=36, intermediate_size=48, num_hidden_layers=2, num_attention_heads=3),
        dict(
            vocab_size=131, hidden_size=30, intermediate_size=44, num_hidden_layers=2, num_attention_heads=3,
            max_position_embeddings=19, eos_token_id=97, bos_token_id=96, pad_token_id=97,
        ),
        23,
    )
    whole(
        "clip_largest",
        dict(
            image_size=24, patch_size=8, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
            num_attention_heads=2, hidden_act="gelu",
        ),
        dict(
            vocab_size=67, hidden_size=40, intermediate_size=36, num_hidden_layers=3, num_attention_heads=4,
            max_position_embeddings=35, eos_token_id=2, bos_token_id=0, pad_token_id=1, hidden_act="gelu",
        ),
        16,
    )
    open_clip_names("clip_end")
    positions()
