"""GGUF files of the tiny models in the folders beside this file.

    python make_gguf.py [FOLDER ...]

Writes `gguf/FOLDER.gguf` with the names and layouts of llama.cpp's convert
script; logits are those of the folder.
Made with gguf 0.19.0, safetensors, numpy.
"""

import json
import math
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

HERE = Path(__file__).parent


def permuted(rows: np.ndarray, heads: int) -> np.ndarray:
    """The two halves of each head interleaved."""
    split = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return split.swapaxes(1, 2).reshape(rows.shape)


def rope_factors(rope: dict, head_dim: int) -> np.ndarray:
    factors = []
    for i in range(head_dim // 2):
        turns = rope["original_max_position_embeddings"] * rope["rope_theta"] ** (-2 * i / head_dim) / (2 * math.pi)
        kept = (turns - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])
        kept = min(max(kept, 0.0), 1.0)
        factors.append(1 / ((1 - kept) / rope["factor"] + kept))
    return np.array(factors, dtype=np.float32)


def llama(writer: gguf.GGUFWriter, config: dict, tensors: dict) -> dict:
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    rope = config["rope_parameters"]
    writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(rope["rope_type"]))
        writer.add_rope_scaling_factor(rope["factor"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    made = {}
    for name, tensor in tensors.items():
        if ".q_proj." in name:
            tensor = permuted(tensor, config["num_attention_heads"])
        if ".k_proj." in name:
            tensor = permuted(tensor, config["num_key_value_heads"])
        made[name] = tensor
    if rope["rope_type"] == "llama3":
        made["rope_freqs.weight"] = rope_factors(rope, config["head_dim"])
    return made


def gpt2(writer: gguf.GGUFWriter, config: dict, tensors: dict) -> dict:
    writer.add_context_length(config["n_positions"])
    writer.add_embedding_length(config["n_embd"])
    writer.add_block_count(config["n_layer"])
    writer.add_feed_forward_length(config["n_inner"] or 4 * config["n_embd"])
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    turned = (".c_attn.weight", ".c_proj.weight", ".c_fc.weight")
    return {
        name: tensor.T if name.endswith(turned) else tensor
        for name, tensor in tensors.items() if not name.endswith((".attn.bias", ".attn.masked_bias"))
    }


def gpt_neox(writer: gguf.GGUFWriter, config: dict, tensors: dict) -> dict:
    width, heads, rope = config["hidden_size"], config["num_attention_heads"], config["rope_parameters"]
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(width)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_rope_dimension_count(int(rope["partial_rotary_factor"] * (width // heads)))
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_head_count(heads)
    writer.add_parallel_residual(config["use_parallel_residual"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    made = {}
    for name, tensor in tensors.items():
        if ".query_key_value." in name:
            split = tensor.reshape(heads, 3, width // heads, *tensor.shape[1:])
            tensor = split.swapaxes(0, 1).reshape(tensor.shape)
        made[name] = tensor
    return made


def mpt(writer: gguf.GGUFWriter, config: dict, tensors: dict) -> dict:
    attention = config["attn_config"]
    writer.add_context_length(config["max_seq_len"])
    writer.add_embedding_length(config["d_model"])
    writer.add_block_count(config["n_layers"])
    writer.add_feed_forward_length(4 * config["d_model"])
    writer.add_head_count(config["n_heads"])
    if "kv_n_heads" in attention:
        writer.add_head_count_kv(attention["kv_n_heads"])
    writer.add_layer_norm_eps(config.get("layer_norm_epsilon", config.get("norm_eps")))
    if attention["clip_qkv"] is not None:
        writer.add_clamp_kqv(attention["clip_qkv"])
    writer.add_max_alibi_bias(attention["alibi_bias_max"] if attention["alibi"] else 0.0)
    return tensors


FAMILIES = {
    "llama": (gguf.MODEL_ARCH.LLAMA, llama),
    "gpt2": (gguf.MODEL_ARCH.GPT2, gpt2),
    "gpt_neox": (gguf.MODEL_ARCH.GPTNEOX, gpt_neox),
    "mpt": (gguf.MODEL_ARCH.MPT, mpt),
}


def write(name: str) -> None:
    config = json.loads((HERE / name / "config.json").read_text())
    arch, convert = FAMILIES[config["model_type"]]
    writer = gguf.GGUFWriter(HERE / "gguf" / f"{name}.gguf", gguf.MODEL_ARCH_NAMES[arch])
    made = convert(writer, config, load_file(HERE / name / "model.safetensors"))
    names = gguf.get_tensor_name_map(arch, 8)
    for tensor, values in made.items():
        own = names.get_name(tensor, try_suffixes=(".weight", ".bias")) or tensor
        if own == tensor and tensor != "rope_freqs.weight":
            raise ValueError(f"{name}: no name for {tensor}")
        writer.add_tensor(own, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


FOLDERS = [
    "llama_linear", "llama_llama3", "llama_yarn", "llama_biases", "gpt2_tied", "gpt2_untied",
    "gpt_neox_parallel", "gpt_neox_sequential", "mpt_clipped", "mpt_learned",
]

if __name__ == "__main__":
    (HERE / "gguf").mkdir(exist_ok=True)
    for each in sys.argv[1:] or FOLDERS:
        write(each)
