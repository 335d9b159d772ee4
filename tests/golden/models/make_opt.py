"""Golden data of OPT models, from PyTorch.

    python make_opt.py

Writes tiny random Hugging Face folders with their logits; one of them as old
versions of transformers saved them: a pickle, names without `model.`, and a
copy of the tied head.
Made with torch 2.13.0, transformers 5.23.0 (versions in the files).
"""

import torch
from transformers import OPTConfig, OPTForCausalLM

from golden_language import randomise, write_golden


def tiny(name: str, seed: int, **sizes: object) -> None:
    torch.manual_seed(seed)
    config = OPTConfig(
        max_position_embeddings=64, num_hidden_layers=2, pad_token_id=1, bos_token_id=2, eos_token_id=2, **sizes
    )
    model = OPTForCausalLM(config).float().eval()
    randomise(model)
    folder = write_golden(name, model)
    if name != "opt_projected":
        return
    (folder / "model.safetensors").unlink()
    state = {key.removeprefix("model."): value for key, value in model.state_dict().items()}
    torch.save(state, folder / "pytorch_model.bin")


if __name__ == "__main__":
    torch.set_num_threads(1)
    tiny(
        "opt_pre_norm", 21, vocab_size=131, hidden_size=40, num_attention_heads=4, ffn_dim=72,
        activation_function="relu",
    )
    tiny(
        "opt_projected", 22, vocab_size=101, hidden_size=36, num_attention_heads=3, ffn_dim=50,
        word_embed_proj_dim=22, do_layer_norm_before=False, activation_function="relu",
    )
    tiny(
        "opt_plain", 23, vocab_size=67, hidden_size=30, num_attention_heads=5, ffn_dim=33,
        activation_function="gelu", enable_bias=False, layer_norm_elementwise_affine=False, tie_word_embeddings=False,
    )
    tiny(
        "opt_no_final_norm", 24, vocab_size=67, hidden_size=24, num_attention_heads=2, ffn_dim=33,
        activation_function="gelu_new", _remove_final_layer_norm=True,
    )
