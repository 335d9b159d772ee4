"""What the scripts for the golden data of language models share.

Random weights, padded inputs, and logits as `generate` would compute them:
positions count the tokens that are not masked.
"""

from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__}


def randomise(model: torch.nn.Module, std: float = 0.3) -> None:
    """Matrices around 0; the scales of norms around 1; all biases random."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_scale = p.dim() == 1 and name.endswith("weight")
            p.copy_(torch.randn_like(p) * (std if p.dim() > 1 else 0.2) + (1.0 if is_scale else 0.0))


def write_golden(name: str, model: torch.nn.Module, length: int = 23) -> Path:
    """Saves a model as a folder, with inputs and logits; returns the folder."""
    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    write_logits(folder, model, model.config.vocab_size, length)
    return folder


def write_logits(folder: Path, model: torch.nn.Module, vocabulary: int, length: int) -> None:
    """Inputs with one row each without padding, padded left and padded right."""
    ids = torch.randint(3, vocabulary, (3, length))
    mask = torch.ones_like(ids)
    mask[1, : length // 4] = 0
    mask[2, length - length // 5 :] = 0
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=mask, position_ids=positions).logits
    kept = logits[mask.bool()]
    print(folder.name, "logits' spread", round(kept.std().item(), 3), "most", round(kept.abs().max().item(), 2))
    save_file({"input_ids": ids, "attention_mask": mask}, folder / "inputs.safetensors", VERSIONS)
    save_file({"logits": logits.contiguous()}, folder / "logits.safetensors", VERSIONS)
