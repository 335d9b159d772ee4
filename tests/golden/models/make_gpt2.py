"""Golden data of GPT-2 models, from PyTorch.

    python make_gpt2.py

Writes tiny random Hugging Face folders with their logits; one of them as old
versions of transformers saved them: names without `transformer.`, and the
buffers of the causal mask.
Made with torch 2.13.0, transformers 5.23.0 (versions in the files).
"""

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel

from golden_language import randomise, write_golden

CONTEXT = 48


def tiny(name: str, seed: int, **sizes: object) -> None:
    torch.manual_seed(seed)
    config = GPT2Config(n_positions=CONTEXT, bos_token_id=1, eos_token_id=2, **sizes)
    model = GPT2LMHeadModel(config).float().eval()
    randomise(model)
    folder = write_golden(name, model)
    if name != "gpt2_tied":
        return
    state = {key.removeprefix("transformer."): value for key, value in model.state_dict().items()}
    del state["lm_head.weight"]
    for layer in range(config.n_layer):
        mask = torch.ones(CONTEXT, CONTEXT).tril()[None, None]
        state[f"h.{layer}.attn.bias"] = mask.to(torch.uint8)
        state[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    save_file({key: value.contiguous() for key, value in state.items()}, folder / "model.safetensors", {"format": "pt"})


if __name__ == "__main__":
    torch.set_num_threads(1)
    tiny("gpt2_tied", 31, vocab_size=131, n_embd=40, n_head=4, n_layer=2)
    tiny(
        "gpt2_scaled", 32, vocab_size=101, n_embd=36, n_head=3, n_layer=3, n_inner=50, activation_function="relu",
        layer_norm_epsilon=1e-3, scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True,
    )
    tiny(
        "gpt2_untied", 33, vocab_size=67, n_embd=30, n_head=5, n_layer=2, n_inner=33, activation_function="gelu",
        scale_attn_weights=False, tie_word_embeddings=False,
    )
