"""Golden data of resamplers: weights under published names, features, latents.

    python make_resamplers.py

Perceiver: open_flamingo's and transformers' own modules (IDEFICS); the paper's
and flamingo-mini's from resampler_formulas.py. Q-Former: transformers'
Blip2QFormerModel between query tokens and a projection. Projectors:
transformers' LlavaMultiModalProjector, and torch's own layers for LLaVA's.
Writes resamplers/NAME.safetensors; `features.k` [b, f, n, d] gives `latents.k`
[b, r, w] for each k. Odd sizes, random norms. More frames than embeddings are
interpolated with align_corners=True.
Made with torch 2.13.0, transformers 5.23.0, open-flamingo 2.0.1 (helpers.py alone; needs einops-exts).
"""

from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import Blip2QFormerConfig, Blip2QFormerModel, CLIPVisionConfig, LlamaConfig, LlavaConfig
from transformers.models.idefics.configuration_idefics import IdeficsConfig
from transformers.models.idefics.perceiver import IdeficsPerceiverResampler
from transformers.models.llava.modeling_llava import LlavaMultiModalProjector

from make_flamingo import helpers, randomise
from resampler_formulas import Resampler, rows_for

HERE = Path(__file__).parent
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__, "open_flamingo": "2.0.1"}


def save(name: str, weights: dict[str, Tensor], cases: list[tuple[Tensor, Tensor]]) -> None:
    tensors = dict(weights)
    for k, (features, latents) in enumerate(cases):
        tensors |= {f"features.{k}": features, f"latents.{k}": latents}
    tensors = {key: value.detach().contiguous().clone() for key, value in tensors.items()}
    save_file(tensors, HERE / "resamplers" / f"{name}.safetensors", VERSIONS)


def prefixed(prefix: str, module: nn.Module) -> dict[str, Tensor]:
    return {prefix + key: value for key, value in module.state_dict().items()}


def open_flamingo() -> None:
    """Three pictures a sequence as the batch; the k-th has media embedding k."""
    source, width, frames = helpers(), 22, 3
    module = randomise(source.PerceiverResampler(
        dim=width, depth=2, dim_head=10, heads=3, num_latents=7, max_num_media=4, max_num_frames=frames))
    weights = {key: value.clone() for key, value in prefixed("perceiver.", module).items()}
    cases = []
    for count in (1, frames, 8):
        features = torch.randn(1, 3, count, 5, width)
        if count > frames:
            module.frame_embs = nn.Parameter(rows_for(weights["perceiver.frame_embs"], count))
        cases.append((features[0], module(features)[0]))
    save("open_flamingo", weights, cases)
    still = randomise(source.PerceiverResampler(dim=width, depth=1, dim_head=6, heads=5, num_latents=3, ff_mult=2))
    features = torch.randn(1, 2, 1, 9, width)
    save("open_flamingo_still", prefixed("perceiver.", still), [(features[0], still(features)[0])])


def idefics() -> None:
    for name, has_norms, width in [("idefics", True, 18), ("idefics_plain", False, 26)]:
        config = IdeficsConfig(
            perceiver_config={"qk_layer_norms_perceiver": has_norms}, vision_config={"embed_dim": width})
        module = randomise(IdeficsPerceiverResampler(config, width, 2, 3, 10, 5))
        features = torch.randn(2, 1, 11, width)
        video = torch.randn(1, 3, 4, width)
        cases = [(x, module(x.flatten(1, 2))) for x in (features, video)]
        save(name, prefixed("model.perceiver_resampler.", module), cases)


def formulas() -> None:
    shapes = {
        "paper": dict(inputs=14, width=20, heads=2, head_dim=6, frames=3, activation="squared_relu", is_mini=False),
        "paper_wide_heads": dict(
            inputs=10, width=10, heads=3, head_dim=12, frames=8, activation="squared_relu", is_mini=False),
        "flamingo_mini": dict(inputs=22, width=22, heads=3, head_dim=10, frames=4, activation="gelu", is_mini=True),
        "flamingo_mini_relu": dict(inputs=9, width=9, heads=2, head_dim=6, frames=2, activation="relu", is_mini=True),
    }
    for name, shape in shapes.items():
        module = Resampler(depth=2, latents=5, **shape)
        cases = []
        for count in (1, 2, shape["frames"], 11):
            features = torch.randn(2, count, 6, shape["inputs"])
            cases.append((features, module(features)))
        prefix = "flamingo.resampler." if shape["is_mini"] else "perceiver."
        save(name, {prefix + key: value for key, value in module.weights.items()}, cases)


def qformer() -> None:
    shapes = {
        "qformer": dict(hidden_size=24, num_attention_heads=3, num_hidden_layers=3, intermediate_size=38,
                        encoder_hidden_size=14, cross_attention_frequency=2),
        "qformer_every": dict(hidden_size=20, num_attention_heads=2, num_hidden_layers=2, intermediate_size=18,
                              encoder_hidden_size=20, cross_attention_frequency=1),
    }
    for name, shape in shapes.items():
        config = Blip2QFormerConfig(**shape)
        module = randomise(Blip2QFormerModel(config))
        width, outputs = config.hidden_size, 18
        queries = torch.randn(1, 5, width)
        weights = {"query_tokens": queries, **prefixed("qformer.", module)}
        project = randomise(nn.Linear(width, outputs)) if name == "qformer" else nn.Identity()
        weights |= prefixed("language_projection.", project)
        cases = []
        for count in (1, 3):
            features = torch.randn(2, count, 7, config.encoder_hidden_size)
            read = module(
                query_embeds=queries.expand(2, -1, -1), encoder_hidden_states=features.flatten(1, 2))
            cases.append((features, project(read.last_hidden_state)))
        save(name, weights, cases)


def projectors() -> None:
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(hidden_size=14, num_attention_heads=2),
        text_config=LlamaConfig(hidden_size=22, num_attention_heads=1), vision_feature_layer=-2)
    features = torch.randn(2, 1, 7, 14)
    hugging_face = randomise(LlavaMultiModalProjector(config))
    save("llava_hf", prefixed("multi_modal_projector.", hugging_face), [(features, hugging_face(features)[:, 0])])
    mlp = randomise(nn.Sequential(
        nn.Linear(14, 22), nn.GELU(), nn.Linear(22, 22), nn.GELU(), nn.Linear(22, 22)))
    save("llava_mlp", prefixed("model.mm_projector.", mlp), [(features, mlp(features)[:, 0])])
    linear = randomise(nn.Linear(14, 18))
    save("llava_linear", prefixed("model.mm_projector.", linear), [(features, linear(features)[:, 0])])


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(23)
    with torch.no_grad():
        open_flamingo()
        idefics()
        formulas()
        qformer()
        projectors()
