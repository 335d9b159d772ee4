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


FAMILIES = {"llama": (gguf.MODEL_ARCH.LLAMA, llama)}


def write(name: str) -> None:
    config = json.loads((HERE / name / "config.json").read_text())
    arch, convert = FAMILIES[config["model_type"]]
    writer = gguf.GGUFWriter(HERE / "gguf" / f"{name}.gguf", gguf.MODEL_ARCH_NAMES[arch])
    made = convert(writer, config, load_file(HERE / name / "model.safetensors"))
    names = gguf.get_tensor_name_map(arch, 8)
    for tensor, values in made.items():
        own = names.get_name(tensor, try_suffixes=(".weight", ".bias")) or tensor
        writer.add_tensor(own, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


FOLDERS = ["llama_linear", "llama_llama3", "llama_yarn", "llama_biases"]

if __name__ == "__main__":
    (HERE / "gguf").mkdir(exist_ok=True)
    for each in sys.argv[1:] or FOLDERS:
        write(each)
