"""Golden data of single gated cross-attention blocks, one file a case.

    python make_cross_attention.py

OpenFlamingo's block is open_flamingo's own, IDEFICS's is transformers'
IdeficsGatedCrossAttentionLayer; the paper's and flamingo-mini's are written
here from the formulas (Alayrac et al., 2022, section 2.2 and figure 4). All
weights are random, all gates open. Rows: picture first, text first, two
pictures in a row, text only; rows with fewer pictures than the others are
padded with random latents that no token may see.

With only_attend_immediate_media=False, open_flamingo's tokens before the first
picture attend evenly to all pictures of the padded batch, those to come and
the padding among them (asserted below): such tokens are marked as not to be
compared.

Writes cross_attention/cases.json and cross_attention/<case>.safetensors:
`block.*` and `root.*` weights, `x` [b, l, d], `latents` [b, t, r, w], `media`
I32 [b, l] (pictures up to a token), `compared` I32 [b, l], `y` [b, l, d].
Made with torch 2.13.0, transformers 5.23.0, open-flamingo 2.0.1 (helpers.py
alone; needs einops-exts).
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file
from transformers.models.idefics.configuration_idefics import IdeficsConfig
from transformers.models.idefics.modeling_idefics import IdeficsGatedCrossAttentionLayer

from make_flamingo import helpers

HERE = Path(__file__).parent / "cross_attention"
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__, "open_flamingo": "2.0.1"}
LENGTH, PICTURES = 9, 3
ROWS = [(0, 4), (3, 6), (1, 2, 6), ()]
ACTIVATIONS = {
    "gelu": F.gelu,
    "relu": F.relu,
    "squared_relu": lambda x: F.relu(x) ** 2,
}


def media_of_rows() -> torch.Tensor:
    """Pictures up to each token."""
    marks = torch.zeros(len(ROWS), LENGTH, dtype=torch.int64)
    for row, places in enumerate(ROWS):
        marks[row, list(places)] = 1
    return marks.cumsum(-1)


def seen(media: torch.Tensor, latents: int, attend_to: str) -> torch.Tensor:
    """Whether token [b, l] sees latent [t·r]."""
    time = torch.arange(PICTURES).repeat_interleave(latents) + 1
    test = torch.eq if attend_to == "latest" else torch.ge
    return test(media[..., None], time)


def randomise(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Random values of the size at which every weight matters."""
    random = {}
    for name, t in tensors.items():
        noise = torch.randn(t.shape)
        if "alpha" in name or name.endswith("_gate"):
            random[name] = 0.5 + 0.5 * noise
        elif t.dim() == 1:
            random[name] = 0.2 * noise + (0 if name.endswith("bias") else 1)
        else:
            random[name] = 1.5 * noise / math.sqrt(t.shape[-1])
    return random


def attend(q, k, v, mask, heads):
    """q [b, l, h·k], k and v [b, s, h·k], mask [b, l, s]; none seen: zeros."""
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    hidden = ~mask[:, None]
    weights = scores.masked_fill(hidden, -math.inf).softmax(-1).masked_fill(hidden, 0)
    return (weights @ v).transpose(1, 2).flatten(2)


def formula_block(case: dict, w: dict, root: dict, x, latents, media) -> torch.Tensor:
    """y = x + tanh(a)·Attn(LN(x), X), y + tanh(b)·FFW(LN(y))."""
    names = ("attn_gate", "ff", "ff_gate") if case["dialect"] == "paper" else ("alpha_attn", "ffw", "alpha_ffw")
    attn_gate, ff, ff_gate = names
    d = x.shape[-1]
    visual = latents.flatten(1, 2)
    if "media_proj.weight" in root:
        visual = visual @ root["media_proj.weight"].T
    h = F.layer_norm(x, (d,), w["attn.norm.weight"], w["attn.norm.bias"])
    k, v = (visual @ w["attn.to_kv.weight"].T).chunk(2, -1)
    mask = seen(media, case["latents"], case["attendTo"])
    read = attend(h @ w["attn.to_q.weight"].T, k, v, mask, case["heads"])
    y = x + w[attn_gate].tanh() * (read @ w["attn.to_out.weight"].T)
    h = F.layer_norm(y, (d,), w[f"{ff}.0.weight"], w[f"{ff}.0.bias"])
    wide = ACTIVATIONS[case["activation"]](h @ w[f"{ff}.1.weight"].T)
    return y + w[ff_gate].tanh() * (wide @ w[f"{ff}.3.weight"].T)


def formula_weights(case: dict) -> tuple[dict, dict]:
    d, inner, wide = case["width"], case["heads"] * case["headDim"], case["ffnWidth"]
    is_paper = case["dialect"] == "paper"
    gate = [1, 1, d] if case["gate"] == "vector" else [1]
    visual = d if is_paper else case["mediaWidth"]
    ff = "ff" if is_paper else "ffw"
    shapes = {
        "attn.norm.weight": [d], "attn.norm.bias": [d],
        "attn.to_q.weight": [inner, d], "attn.to_kv.weight": [2 * inner, visual],
        "attn.to_out.weight": [d, inner],
        f"{ff}.0.weight": [d], f"{ff}.0.bias": [d],
        f"{ff}.1.weight": [wide, d], f"{ff}.3.weight": [d, wide],
        "attn_gate" if is_paper else "alpha_attn": gate,
        "ff_gate" if is_paper else "alpha_ffw": gate,
    }
    has_projection = is_paper and case["mediaWidth"] != d
    root = {"media_proj.weight": [d, case["mediaWidth"]]} if has_projection else {}
    return tuple(randomise({n: torch.empty(s) for n, s in each.items()}) for each in (shapes, root))


def formula(case, x, latents, media):
    weights, root = formula_weights(case)
    return weights, root, formula_block(case, weights, root, x, latents, media)


def open_flamingo(case, x, latents, media):
    block = helpers().GatedCrossAttentionBlock(
        dim=case["width"], dim_visual=case["mediaWidth"], dim_head=case["headDim"], heads=case["heads"],
        ff_mult=case["ffnWidth"] // case["width"], only_attend_immediate_media=case["attendTo"] == "latest",
    ).eval()
    weights = randomise(block.state_dict())
    block.load_state_dict(weights)
    marks = media.diff(prepend=torch.zeros(len(ROWS), 1, dtype=media.dtype)) > 0
    y = block(x, latents, media_locations=marks)
    more = block(x, torch.cat([latents, latents[:, :1]], 1), media_locations=marks)
    assert torch.allclose(y[media > 0], more[media > 0], atol=1e-5)
    if case["attendTo"] == "all":
        assert ((y - more)[media == 0].abs().amax(-1) > 1e-2).all()
    return weights, {}, y


def idefics(case, x, latents, media):
    config = IdeficsConfig(
        hidden_size=case["width"], num_attention_heads=case["heads"], intermediate_size=case["ffnWidth"],
        qk_layer_norms=case["qkNorms"], rms_norm_eps=case["normEps"],
        alpha_type="vector" if case["gate"] == "vector" else "float",
        vision_config={"embed_dim": case["mediaWidth"]},
    )
    config._attn_implementation = "eager"
    layer = IdeficsGatedCrossAttentionLayer(config, layer_idx=0).eval()
    weights = randomise({n: t for n, t in layer.state_dict().items() if "inv_freq" not in n})
    layer.load_state_dict(weights, strict=False)
    mask = seen(media, case["latents"], "latest")
    y = layer(
        x, image_hidden_states=latents.flatten(1, 2), cross_attention_gate=mask.any(-1).float(),
        image_attention_mask=(1 - mask[:, None].float()) * torch.finfo(torch.float32).min,
    )
    return weights, {}, y


MAKERS = {"paper": formula, "flamingo_mini": formula, "open_flamingo": open_flamingo, "idefics": idefics}
DEFAULTS = {"attendTo": "latest", "gate": "scalar", "qkNorms": False, "normEps": 1e-5}


def case(name, dialect, width, media_width, heads, head_dim, latents, ffn_width, activation, **more):
    return {
        "name": name, "dialect": dialect, "width": width, "mediaWidth": media_width, "heads": heads,
        "headDim": head_dim, "latents": latents, "ffnWidth": ffn_width, "activation": activation,
        **DEFAULTS, **more,
    }


CASES = [
    case("open_flamingo", "open_flamingo", 22, 18, 3, 10, 5, 88, "gelu"),
    case("open_flamingo_all", "open_flamingo", 18, 22, 2, 6, 7, 36, "gelu", attendTo="all"),
    case("open_flamingo_all_fours", "open_flamingo", 18, 12, 1, 12, 8, 36, "gelu", attendTo="all"),
    case("idefics_scalar_norms", "idefics", 30, 22, 5, 6, 7, 44, "silu", qkNorms=True),
    case("idefics_scalar", "idefics", 24, 18, 2, 12, 5, 33, "silu", normEps=1e-6),
    case("idefics_vector_norms", "idefics", 20, 14, 2, 10, 8, 27, "silu", gate="vector", qkNorms=True, normEps=1e-3),
    case("idefics_vector", "idefics", 18, 18, 3, 6, 5, 40, "silu", gate="vector"),
    case("paper", "paper", 24, 14, 2, 12, 5, 96, "squared_relu"),
    case("paper_all_vector", "paper", 18, 18, 3, 6, 7, 72, "squared_relu", attendTo="all", gate="vector"),
    case("paper_all_projected", "paper", 18, 23, 1, 10, 3, 36, "squared_relu", attendTo="all"),
    case("flamingo_mini", "flamingo_mini", 22, 18, 2, 10, 7, 88, "squared_relu"),
    case("flamingo_mini_gelu", "flamingo_mini", 18, 13, 3, 6, 5, 36, "gelu"),
    case("flamingo_mini_relu", "flamingo_mini", 18, 18, 1, 12, 8, 54, "relu"),
]


@torch.no_grad()
def main() -> None:
    HERE.mkdir(exist_ok=True)
    for seed, facts in enumerate(CASES):
        torch.manual_seed(seed)
        media = media_of_rows()
        if facts["dialect"] == "idefics":
            # The end of a text closes its picture; the next one opens again.
            media[0, 2:4] = 0
        x = torch.randn(len(ROWS), LENGTH, facts["width"])
        latents = torch.randn(len(ROWS), PICTURES, facts["latents"], facts["mediaWidth"])
        weights, root, y = MAKERS[facts["dialect"]](facts, x, latents, media)
        has_leak = facts["dialect"] == "open_flamingo" and facts["attendTo"] == "all"
        compared = (media > 0) if has_leak else torch.ones_like(media)
        tensors = {
            **{f"block.{n}": t for n, t in weights.items()}, **{f"root.{n}": t for n, t in root.items()},
            "x": x, "latents": latents, "media": media.int(), "compared": compared.int(), "y": y,
        }
        path = HERE / f"{facts['name']}.safetensors"
        save_file({n: t.contiguous().clone() for n, t in tensors.items()}, path, VERSIONS)
        print(facts["name"], f"spread {y.std():.2f}, largest {y.abs().max():.1f}, {path.stat().st_size} bytes")
    (HERE / "cases.json").write_text(json.dumps(CASES, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
