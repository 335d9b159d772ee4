"""Concepts, their pictures in every drawing style, and the exact preprocessing.

A concept is one emojibase entry: hexcode, label, group, and the base that keeps
woman/man variants on the same side of the split. A picture file is either a
raster of an npm package or an SVG body inside an iconify JSON.
"""

import io
import json
import math
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import resvg_py
from PIL import Image

import settings

SIDE = 160
RASTER_SIDE = 192


@dataclass
class Concept:
    """One thing with a name; `files` maps style -> file inside its package."""

    hex: str
    label: str
    group: int
    base: str
    files: dict[str, str] = field(default_factory=dict)


def plain_hex(name: str) -> str:
    """Code points joined by '-', lower case, without variation selectors."""
    return "-".join(p for p in name.lower().split("-") if p != "fe0f")


def slug(name: str) -> str:
    """Letters and digits only, for matching iconify's names."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def base_of(label: str) -> str:
    """The label without gender words and without what follows a colon."""
    label = re.sub(
        r"\b(woman|man|person|men|women|people|boy|girl|child)\b", "", label
    )
    return re.sub(r"\s+", " ", label.split(":")[0]).strip()


RASTERS = {
    "google": ("emoji-datasource-google-16.0.0", "package/img/google/64"),
    "twitter": ("emoji-datasource-twitter-16.0.0", "package/img/twitter/64"),
    "openmoji": ("openmoji-17.0.0", "package/color/svg"),
    "fluent": ("lobehub-fluent-emoji-3d-1.1.0", "package/assets"),
}
# The last two are sharper drawings of two styles above: more variants, no new style.
ICONIFY = {
    "noto_v1": "iconify-json-noto-v1-1.2.5",
    "fxemoji": "iconify-json-fxemoji-1.2.2",
    "google_vector": "iconify-json-noto-1.2.9",
    "twitter_vector": "iconify-json-twemoji-1.2.5",
}


@lru_cache
def iconify(style: str) -> dict:
    path = settings.PACKAGES / ICONIFY[style] / "package/icons.json"
    return json.loads(path.read_text())


@lru_cache
def emojibase(path: str):
    root = settings.PACKAGES / "emojibase-data-17.0.0/package"
    return json.loads((root / path).read_text())


def raster_index(style: str) -> dict[str, str]:
    package, folder = RASTERS[style]
    files = sorted((settings.PACKAGES / package / folder).iterdir())
    return {plain_hex(f.stem): f"{folder}/{f.name}" for f in files}


def iconify_index(style: str, names: dict[str, list[str]]) -> dict[str, str]:
    """hex -> icon name, by label or Unicode name without punctuation."""
    by_slug = {slug(name): name for name in iconify(style)["icons"]}
    found = {}
    for hexcode, candidates in names.items():
        hits = [by_slug[slug(c)] for c in candidates if slug(c) in by_slug]
        if hits:
            found[hexcode] = hits[0]
    return found


def load_concepts() -> list[Concept]:
    """Every usable concept: no flags of countries, families, keycaps, directions."""
    unicode_names = {
        plain_hex(k): v for k, v in emojibase("meta/unicode-names.json").items()
    }
    left_out = re.compile(r"^family:|facing right|^keycap|^flag:")
    concepts, names = [], {}
    for entry in emojibase("en/data.json"):
        label = re.sub("[“”]", "", entry["label"].lower()).replace("’", "'")
        if entry.get("group") not in settings.GROUPS or left_out.search(label):
            continue
        hexcode = plain_hex(entry["hexcode"])
        names[hexcode] = [label, unicode_names.get(hexcode, label)]
        concepts.append(Concept(hexcode, label, entry["group"], base_of(label)))
    indexes = {style: raster_index(style) for style in RASTERS}
    indexes |= {style: iconify_index(style, names) for style in ICONIFY}
    for concept in concepts:
        for style, index in indexes.items():
            if concept.hex in index:
                concept.files[style] = index[concept.hex]
    return [c for c in concepts if c.base and {"google", "twitter"} <= set(c.files)]


def svg_picture(svg: str, side: int) -> Image.Image:
    data = resvg_py.svg_to_bytes(svg_string=svg, width=side, height=side)
    return Image.open(io.BytesIO(bytes(data))).convert("RGBA")


def iconify_svg(style: str, name: str) -> str:
    icons = iconify(style)
    icon = icons["icons"][name]
    left, top = icon.get("left", 0), icon.get("top", 0)
    width = icon.get("width", icons.get("width", 16))
    height = icon.get("height", icons.get("height", 16))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}">{icon["body"]}</svg>'
    )


def open_rgba(concept: Concept, style: str) -> Image.Image:
    """Decodes (or rasterises) one picture to RGBA8."""
    name = concept.files[style]
    if style in ICONIFY:
        return svg_picture(iconify_svg(style, name), RASTER_SIDE)
    path = settings.PACKAGES / RASTERS[style][0] / name
    if path.suffix == ".svg":
        return svg_picture(path.read_text(), RASTER_SIDE)
    return Image.open(path).convert("RGBA")


def on_white(rgba: np.ndarray) -> np.ndarray:
    """Composites [h, w, 4] u8 on white, in integers."""
    colour, alpha = rgba[..., :3].astype(np.int32), rgba[..., 3:].astype(np.int32)
    mixed = (colour * alpha + 255 * (255 - alpha) + 127) // 255
    return mixed.astype(np.uint8)


def content_box(rgb: np.ndarray) -> tuple[int, int, int, int]:
    """left, top, right, bottom of what differs from white by more than 16."""
    inked = (255 - rgb.astype(np.int32) > 16).any(-1)
    if not inked.any():
        return 0, 0, rgb.shape[1], rgb.shape[0]
    rows, columns = np.where(inked.any(1))[0], np.where(inked.any(0))[0]
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def square_place(width: int, height: int) -> tuple[int, int, int]:
    """side, left, top of a centred square with a margin of 4 % on each side."""
    longest = max(width, height)
    side = longest + 2 * math.floor(0.04 * longest + 0.5)
    return side, (side - width) // 2, (side - height) // 2


def preprocess(picture: Image.Image) -> np.ndarray:
    """RGBA picture -> [160, 160, 3] u8: on white, trimmed, squared, resized."""
    rgb = on_white(np.asarray(picture.convert("RGBA")))
    left, top, right, bottom = content_box(rgb)
    side, x, y = square_place(right - left, bottom - top)
    square = np.full((side, side, 3), 255, np.uint8)
    square[y : y + bottom - top, x : x + right - left] = rgb[top:bottom, left:right]
    return np.asarray(
        Image.fromarray(square).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    )


def preprocess_file(path: Path) -> np.ndarray:
    return preprocess(Image.open(path))
