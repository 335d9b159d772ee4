"""Golden data of MPT models, from PyTorch.

    python make_mpt.py

Writes tiny random Hugging Face folders with their logits: two by transformers'
own model, and those that it cannot compute by `mpt_reference.py`, which is
checked against it first. (transformers takes no notice of qk_ln, alibi,
alibi_bias_max, no_bias, logit_scale and expansion_ratio; llm-foundry does.)
Made with torch 2.13.0, transformers 5.23.0 (versions in the files).
"""

import json

import torch
from safetensors.torch import save_file
from transformers import MptConfig, MptForCausalLM

from golden_language import HERE, VERSIONS, randomise, write_golden, write_logits
from mpt_reference import MptReference

USUAL = dict(
    layers=2, context=64, eps=1e-5, bias=False, qk_ln=False, clip=None, scale=None, alibi=True,
    bias_max=8, logit_scale=1.0, tied=True,
)


class Output:
    """What `write_logits` reads of a model's result."""

    def __init__(self, logits: torch.Tensor) -> None:
        self.logits = logits


def published(name: str, seed: int, std: float, attention: dict, **sizes: object) -> None:
    torch.manual_seed(seed)
    config = MptConfig(n_layers=2, max_seq_len=64, attn_config=attention, bos_token_id=1, eos_token_id=2, **sizes)
    model = MptForCausalLM(config).float().eval()
    randomise(model, std)
    folder = write_golden(name, model)
    c = {
        **USUAL, "width": config.d_model, "heads": config.n_heads, "kv_heads": config.n_heads,
        "ffn": 4 * config.d_model, "vocabulary": config.vocab_size, "eps": config.layer_norm_epsilon,
        "clip": attention.get("clip_qkv"), "scale": attention.get("softmax_scale"),
    }
    reference = MptReference(**c).eval()
    reference.load_state_dict({k: v for k, v in model.state_dict().items() if k != "lm_head.weight"})
    ids = torch.randint(3, config.vocab_size, (2, 23))
    mask = torch.ones_like(ids)
    mask[1, :7] = 0
    with torch.no_grad():
        expected = model(input_ids=ids, attention_mask=mask).logits
        actual = reference(ids, mask, None)
    error = (expected - actual)[mask.bool()].abs().max().item()
    print(folder.name, "reference off by", error)
    assert error < 2e-5


OLDER = [("norm_1", "ln_1"), ("norm_2", "ln_2"), ("norm_f", "ln_f"), ("ffn.up_proj", "mlp.mlp_up"),
         ("ffn.down_proj", "mlp.mlp_down")]


def by_reference(name: str, seed: int, std: float, config: dict, older: bool = False, **sizes: object) -> None:
    torch.manual_seed(seed)
    c = {**USUAL, **sizes}
    reference = MptReference(**c).eval()
    randomise(reference, std)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    tensors = reference.state_dict()
    for new, old in OLDER if older else []:
        tensors = {key.replace(new, old): value for key, value in tensors.items()}
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    def model(input_ids, attention_mask, position_ids):
        return Output(reference(input_ids, attention_mask, position_ids))

    write_logits(folder, model, c["vocabulary"], 23)


if __name__ == "__main__":
    torch.set_num_threads(1)
    published("mpt_plain", 21, 0.25, {}, vocab_size=131, d_model=40, n_heads=4)
    published(
        "mpt_clipped", 22, 0.3, {"clip_qkv": 1.5, "softmax_scale": 0.4},
        vocab_size=101, d_model=36, n_heads=6, layer_norm_epsilon=1e-3,
    )
    by_reference(
        "mosaic_gpt", 23, 0.25, {
            "alibi": True, "alibi_bias_max": 6, "architectures": ["MosaicGPT"], "attn_clip_qkv": None,
            "attn_impl": "torch", "attn_pdrop": 0, "attn_qk_ln": True, "attn_uses_sequence_id": False,
            "d_model": 48, "emb_pdrop": 0, "embedding_fraction": 1.0, "init_device": "cpu", "logit_scale": None,
            "low_precision_layernorm": True, "max_seq_len": 64, "mlp_ratio": 4, "model_type": "mosaic_gpt",
            "n_heads": 4, "n_layers": 2, "no_bias": True, "prefix_lm": False, "resid_pdrop": 0,
            "softmax_scale": None, "tokenizer_name": "EleutherAI/gpt-neox-20b", "torch_dtype": "float32",
            "transformers_version": "4.27.4", "use_cache": False, "vocab_size": 97,
        },
        older=True, vocabulary=97, width=48, heads=4, kv_heads=4, ffn=192, qk_ln=True, bias_max=6,
    )
    by_reference(
        "mpt_learned", 24, 1.0, {
            "architectures": ["MPTForCausalLM"], "model_type": "mpt", "d_model": 30, "n_heads": 6, "n_layers": 2,
            "attn_config": {
                "attn_type": "grouped_query_attention", "kv_n_heads": 2, "qk_ln": True, "clip_qkv": 2.5,
                "alibi": False, "softmax_scale": None,
            },
            "expansion_ratio": 3, "max_seq_len": 64, "vocab_size": 67, "learned_pos_emb": True, "no_bias": False,
            "norm_type": "layernorm", "norm_eps": 1e-4, "logit_scale": "inv_sqrt_d_model",
            "tie_word_embeddings": False,
        },
        vocabulary=67, width=30, heads=6, kv_heads=2, ffn=90, eps=1e-4, bias=True, qk_ln=True, clip=2.5,
        alibi=False, logit_scale=30**-0.5, tied=False,
    )
