"""Golden data of GPT-NeoX models, from PyTorch.

    python make_gpt_neox.py

Writes tiny random Hugging Face folders with their logits.
Made with torch 2.13.0, transformers 5.23.0 (versions in the files).
"""

import torch
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from golden_language import randomise, write_golden


def tiny(name: str, seed: int, **sizes: object) -> None:
    torch.manual_seed(seed)
    config = GPTNeoXConfig(
        max_position_embeddings=64, num_hidden_layers=2, bos_token_id=1, eos_token_id=2, **sizes
    )
    model = GPTNeoXForCausalLM(config).float().eval()
    randomise(model)
    write_golden(name, model)


if __name__ == "__main__":
    torch.set_num_threads(1)
    tiny(
        "gpt_neox_parallel", 11, vocab_size=131, hidden_size=40, num_attention_heads=4, intermediate_size=72,
        use_parallel_residual=True, hidden_act="gelu", layer_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.25},
    )
    tiny(
        "gpt_neox_sequential", 12, vocab_size=101, hidden_size=36, num_attention_heads=3, intermediate_size=50,
        use_parallel_residual=False, hidden_act="gelu_fast", layer_norm_eps=1e-3,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 1.0},
    )
    tiny(
        "gpt_neox_tied", 13, vocab_size=67, hidden_size=30, num_attention_heads=5, intermediate_size=33,
        use_parallel_residual=True, hidden_act="relu", attention_bias=False, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.7},
    )
