"""Golden data of whole OpenFlamingo models, from open_flamingo's own classes.

    pip install --no-deps open-flamingo==2.0.1 open_clip_torch==2.22.0
    python make_open_flamingo.py

Tiny random language models in Hugging Face folders, one CLIP vision tower in
open_clip's names, and checkpoints as open_flamingo saves them: trained tensors
and the resized embedding, flat (mpt, opt, mosaic_gpt); the same as training
writes it, with `module.` before the names and an optimizer's state (llama); all
tensors of the language model too, with buffers and with blocks under both of
their names (gpt_neox). open_flamingo fixes the sizes of its resampler and
blocks: they are made smaller here, and nothing else. The encoder is that of
open_clip 2.22, whose patch tokens pass no last norm.

Rows: picture first, text first, two pictures in a row, no picture, padded left,
padded right, one token. Rows with fewer than three pictures have black ones
behind them.
Writes open_flamingo/. Made with torch 2.13.0, transformers 5.23.0.
"""

import json
import sys
import types
from functools import partial
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from torch import nn

from golden_language import HERE, VERSIONS, randomise
from mpt_reference import Block

IMAGE, END, ROWS = 52, 51, 53
PX, PATCH, VISUAL = 15, 5, 12


def stub(name: str, **values: object) -> None:
    """A module that is imported for what is not used here."""
    module = types.ModuleType(name)
    module.__dict__.update(values)
    sys.modules[name] = module


def imports():
    """open_flamingo and open_clip without what their training and training data need."""
    assert transformers.AutoModelForCausalLM
    stub("torchvision")
    stub("torchvision.ops")
    stub("torchvision.ops.misc", FrozenBatchNorm2d=nn.BatchNorm2d)
    import importlib.util
    root = Path(importlib.util.find_spec("open_clip").submodule_search_locations[0])
    package = types.ModuleType("open_clip")
    package.__path__ = [str(root)]
    sys.modules["open_clip"] = package
    from open_clip.transformer import QuickGELU, VisionTransformer
    from open_flamingo.src import flamingo, flamingo_lm
    stub("wandb")
    from open_flamingo.train.train_utils import filter_state_dict_to_trainable
    del sys.modules["wandb"]
    return flamingo, flamingo_lm, partial(VisionTransformer, act_layer=QuickGELU), filter_state_dict_to_trainable


class MosaicBlock(Block):
    def forward(self, x: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return super().forward(x, attention_mask)


class MosaicGPT(nn.Module):
    """What MPT-1B's own code computes, with an embedding that can be resized."""

    def __init__(self, c: dict) -> None:
        super().__init__()
        self.config = types.SimpleNamespace(d_model=c["width"])
        self.transformer = t = nn.Module()
        t.wte = nn.Embedding(c["vocabulary"], c["width"])
        t.blocks = nn.ModuleList(MosaicBlock(c) for _ in range(c["layers"]))
        t.norm_f = nn.LayerNorm(c["width"], c["eps"], bias=c["bias"])

    def get_input_embeddings(self) -> nn.Module:
        return self.transformer.wte

    def resize_token_embeddings(self, rows: int) -> None:
        old = self.transformer.wte.weight
        self.transformer.wte = nn.Embedding(rows, old.shape[1])

    def forward(self, input_ids, attention_mask, **_):
        t = self.transformer
        x, length = t.wte(input_ids), input_ids.shape[1]
        mask = torch.ones(length, length, dtype=torch.bool).tril() & attention_mask.bool()[:, None, None, :]
        for block in t.blocks:
            x = block(x, attention_mask=mask)
        return types.SimpleNamespace(logits=t.norm_f(x) @ t.wte.weight.T)


OLDER = [("norm_1", "ln_1"), ("norm_2", "ln_2"), ("norm_f", "ln_f"), ("ffn.up_proj", "mlp.mlp_up"),
         ("ffn.down_proj", "mlp.mlp_down")]


def older(state: dict) -> dict:
    for new, old in OLDER:
        state = {name.replace(new, old): value for name, value in state.items()}
    return state


def inputs(folder: Path) -> dict:
    torch.manual_seed(7)
    ids = torch.randint(3, 48, (7, 13))
    mask = torch.ones_like(ids)
    for row, places in enumerate([(0, 7), (4, 9), (5, 6, 10), (), (5,), (0, 4), (12,)]):
        ids[row, list(places)] = IMAGE
    mask[4, :4] = 0
    mask[5, 10:] = 0
    mask[6, :12] = 0
    ids[0, 6] = END
    pixels = torch.randn(7, 3, 3, PX, PX)
    for row in range(7):
        pixels[row, (ids[row] == IMAGE).sum():] = 0
    case = {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels}
    save_file(case, folder / "inputs.safetensors", VERSIONS)
    return case


def save_language(folder: Path, lm: nn.Module) -> None:
    if isinstance(lm, MosaicGPT):
        folder.mkdir(exist_ok=True)
        state = {name: p.contiguous() for name, p in older(lm.state_dict()).items()}
        save_file(state, folder / "model.safetensors", {"format": "pt"})
        config = {
            "model_type": "mosaic_gpt", "d_model": 24, "n_heads": 3, "n_layers": 2, "vocab_size": 60, "mlp_ratio": 4,
            "max_seq_len": 64, "alibi": True, "alibi_bias_max": 8, "attn_qk_ln": True, "no_bias": True,
        }
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        return
    lm.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if folder.name == "gpt_neox":
        # All of its weights are in the checkpoint too.
        (folder / "model.safetensors").unlink()


def checkpoint(name: str, model: nn.Module, trainable) -> dict:
    if name == "gpt_neox":
        state = {k: v for k, v in model.state_dict().items() if not k.startswith("vision_encoder")}
        for i in range(4):
            at = f"lang_encoder.gpt_neox.layers.{i}.decoder_layer.attention."
            state[at + "bias"] = torch.ones(1, 1, 16, 16, dtype=torch.bool).tril()
            state[at + "masked_bias"] = torch.tensor(-1e9)
            state[at + "rotary_emb.inv_freq"] = torch.ones(4)
        return state
    state = trainable(model, model.state_dict())
    if name == "mosaic_gpt":
        return older(state)
    if name != "llama":
        return state
    moments = {i: {"step": torch.tensor(3.0), "exp_avg": torch.zeros(4)} for i in range(2)}
    return {
        "epoch": 1,
        "model_state_dict": {f"module.{k}": v for k, v in state.items()},
        "optimizer_state_dict": {"state": moments, "param_groups": [{"lr": 1e-4, "params": [0, 1]}]},
        "lr_scheduler_state_dict": {"base_lrs": [1e-4], "last_epoch": 3},
    }


def rookery_config(name: str, every: int) -> dict:
    return {
        "kind": "flamingo", "schema": 1,
        "vision": {"part": "clip/vit", "weights": "clip.pt", "px": PX, "patchPx": PATCH, "width": VISUAL, "layers": 2,
                   "heads": 3, "ffnWidth": 3 * VISUAL, "activation": "quick_gelu"},
        "resampler": {"part": "perceiver", "dialect": "open_flamingo", "depth": 2, "latents": 5, "heads": 3,
                      "headDim": 6},
        "language": {"weights": name},
        "crossAttention": {"dialect": "open_flamingo", "every": every, "heads": 2, "headDim": 10},
        "bridge": {"format": "open_flamingo", "weights": f"{name}.pt"},
        "tokens": {"imageId": IMAGE, "endOfChunkId": END},
    }


def save_hazards(model: nn.Module, case: dict, folder: Path) -> None:
    """By doubles: the same rows, and 64 pictures in a row with text behind them.

    Picture i is picture i % 21 of the rows, times 1 + i / 64.
    """
    ids = torch.cat([torch.full((64,), IMAGE), torch.arange(3, 12)])[None]
    pixels = case["pixel_values"].flatten(0, 1)
    many = torch.stack([pixels[i % 21] * (1 + i / 64) for i in range(64)])[None]
    model = model.double()
    with torch.no_grad():
        rows = model(case["pixel_values"].double().unsqueeze(2), case["input_ids"], case["attention_mask"])
        long = model(many.double().unsqueeze(2), ids, torch.ones_like(ids))
    golden = {"exact_logits": rows.logits.float(), "long_ids": ids, "long_logits": long.logits.float()}
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / "hazards.safetensors", VERSIONS)
    model.float()


def whole(name: str, lm: nn.Module, layers: str, every: int, sources, folder: Path, case: dict) -> None:
    flamingo, flamingo_lm, vision, trainable = sources
    save_language(folder / name, lm)
    lm.__class__ = type(lm.__class__.__name__, (flamingo_lm.FlamingoLMMixin, lm.__class__), {})
    lm.set_decoder_layers_attr_name(layers)
    lm.resize_token_embeddings(ROWS)
    clip = types.SimpleNamespace(visual=vision)
    model = flamingo.Flamingo(clip, lm, END, IMAGE, vis_dim=VISUAL, cross_attn_every_n_layers=every).eval()
    model.requires_grad_(False)
    for part in (model.perceiver, lm.gated_cross_attn_layers, lm.get_input_embeddings()):
        part.requires_grad_(True)
        randomise(part, 0.3)
    with torch.no_grad():
        for parameter, value in model.named_parameters():
            if parameter.endswith("_gate"):
                value.copy_(torch.randn(1))
        head = None if name == "mosaic_gpt" else lm.get_output_embeddings()
        if name == "llama":
            # Rows that were added to an untied head are not in the checkpoint.
            head.weight[48:] = 0
        embed = model.vision_encoder(case["pixel_values"].flatten(0, 1))[1]
        features = embed.unflatten(0, (7, 3)).unsqueeze(2)
        golden = {
            "vision_features": features, "latents": model.perceiver(features),
            "logits": model(case["pixel_values"].unsqueeze(2), case["input_ids"], case["attention_mask"]).logits,
        }
    if name == "llama":
        save_hazards(model, case, folder)
    kept = golden["logits"][case["attention_mask"].bool()]
    print(name, "logits' spread", round(kept.std().item(), 3), "most", round(kept.abs().max().item(), 2))
    (folder / f"{name}.json").write_text(json.dumps(rookery_config(name, every), indent=2) + "\n")
    torch.save(checkpoint(name, model, trainable), folder / f"{name}.pt")
    save_file({k: v.contiguous() for k, v in golden.items()}, folder / f"{name}.safetensors", VERSIONS)


def main() -> None:
    flamingo, flamingo_lm, make_vision, trainable = imports()
    flamingo.PerceiverResampler = partial(flamingo.PerceiverResampler, depth=2, dim_head=6, heads=3, num_latents=5)
    flamingo_lm.GatedCrossAttentionBlock = partial(flamingo_lm.GatedCrossAttentionBlock, dim_head=10, heads=2)
    folder = HERE / "open_flamingo"
    folder.mkdir(exist_ok=True)
    torch.manual_seed(31)
    vision = make_vision(PX, PATCH, VISUAL, 2, 3, 3.0, output_dim=7, output_tokens=True).eval()
    randomise(vision, 0.4)
    torch.save({f"visual.{k}": v for k, v in vision.state_dict().items()}, folder / "clip.pt")
    case = inputs(folder)
    base = transformers
    mosaic = dict(width=24, heads=3, kv_heads=3, layers=2, vocabulary=60, ffn=96, eps=1e-5, bias=False, qk_ln=True,
                  clip=None, scale=None, alibi=True, bias_max=8)
    models = {
        "mpt": (base.MptForCausalLM(base.MptConfig(
            d_model=24, n_heads=3, n_layers=4, max_seq_len=64, vocab_size=60)), "transformer.blocks", 2),
        "gpt_neox": (base.GPTNeoXForCausalLM(base.GPTNeoXConfig(
            hidden_size=24, num_attention_heads=3, num_hidden_layers=4, intermediate_size=50, vocab_size=60,
            rotary_pct=1.0, use_parallel_residual=False, max_position_embeddings=64)), "gpt_neox.layers", 2),
        "llama": (base.LlamaForCausalLM(base.LlamaConfig(
            hidden_size=24, num_attention_heads=4, num_key_value_heads=2, num_hidden_layers=4, intermediate_size=40,
            vocab_size=48, max_position_embeddings=128, tie_word_embeddings=False)), "model.layers", 4),
        "opt": (base.OPTForCausalLM(base.OPTConfig(
            hidden_size=24, num_attention_heads=2, num_hidden_layers=2, ffn_dim=44, word_embed_proj_dim=16,
            vocab_size=48, do_layer_norm_before=False, max_position_embeddings=64)), "model.decoder.layers", 1),
        "mosaic_gpt": (MosaicGPT(mosaic), "transformer.blocks", 1),
    }
    for name, (lm, layers, every) in models.items():
        torch.manual_seed(len(name))
        lm = lm.float().eval()
        # Larger weights enlarge rounding: here halves still tell the model.
        randomise(lm, {"llama": 0.2, "opt": 0.15}.get(name, 0.3))
        whole(name, lm, layers, every, (flamingo, flamingo_lm, vision, trainable), folder, case)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
