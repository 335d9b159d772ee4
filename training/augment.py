"""Augmented variants of a picture, made before the encoder and cached.

Besides the usual moves (flip, rotation, scale, colour, background) two of them
change the *drawing style*: shading computed from the outline as if the thing had
volume, and thick or missing outlines. The test style is a shaded one and is
never seen in training.
"""

import math
import random
import re

import numpy as np
from PIL import Image
from scipy import ndimage

from pictures import SIDE, Concept, content_box, on_white, square_place

NO_FLIP = re.compile(
    r"left|right|east|west|clock|thirty|arrow|button|input|back|symbol|sign|reverse"
    r"|next|last|fast|skip|play"
)
SYMBOLS = 8


def squared(picture: Image.Image) -> Image.Image:
    """The trimmed picture on a transparent square with the usual margin."""
    box = content_box(on_white(np.asarray(picture)))
    trimmed = picture.crop(tuple(int(v) for v in box))
    side, left, top = square_place(*trimmed.size)
    square = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    square.paste(trimmed, (left, top))
    return square


def premultiplied(picture: Image.Image) -> Image.Image:
    values = np.asarray(picture).astype(np.float32)
    values[..., :3] *= values[..., 3:] / 255
    return Image.fromarray(values.round().astype(np.uint8))


def moved(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Random scale, rotation, aspect and shift; the result is 160 x 160."""
    source = picture.size[0]
    scale = rng.uniform(0.82, 1.12) * SIDE / source
    turn = math.radians(rng.uniform(-12, 12))
    aspect = math.exp(rng.uniform(-0.12, 0.12))
    c, s = math.cos(turn) / scale, math.sin(turn) / scale
    a, b, d, e = c * aspect, s * aspect, -s / aspect, c / aspect
    x, y = (SIDE / 2 + rng.uniform(-9, 9) for _ in range(2))
    middle = source / 2
    matrix = (a, b, middle - a * x - b * y, d, e, middle - d * x - e * y)
    return picture.transform(
        (SIDE, SIDE), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC
    )


def hue_matrix(angle: float) -> np.ndarray:
    """Rotation of RGB about the grey axis."""
    c, s = math.cos(angle), math.sin(angle) / math.sqrt(3)
    skew = np.array([[0, -s, s], [s, 0, -s], [-s, s, 0]])
    return (np.full((3, 3), (1 - c) / 3) + np.eye(3) * c + skew).astype(np.float32)


def recoloured(rgb, alpha, rng: random.Random):
    """Hue, saturation, contrast and brightness on premultiplied colours."""
    rgb = rgb @ hue_matrix(rng.gauss(0, 0.22)).T
    grey = rgb.mean(-1, keepdims=True)
    rgb = grey + (rgb - grey) * rng.uniform(0.6, 1.4)
    contrast, shift = rng.uniform(0.75, 1.25), rng.uniform(-0.1, 0.12)
    return (rgb - 0.5 * alpha) * contrast + (0.5 + shift) * alpha


def shaded(rgb, alpha, rng: random.Random):
    """Lights the shape as a cushion: diffuse light, a highlight, a soft gradient."""
    height = ndimage.gaussian_filter(alpha[..., 0], rng.uniform(4, 12)) * rng.uniform(
        20, 45
    )
    detail = ndimage.gaussian_filter(rgb.mean(-1), rng.uniform(1.5, 4))
    height = height + detail * rng.uniform(-8, 12)
    down, right = np.gradient(height)
    light = rng.uniform(-2.4, -0.7)  # mostly from above
    facing = -(right * math.cos(light) + down * math.sin(light))
    facing = facing / np.sqrt(1 + right**2 + down**2)
    diffuse = 1 + rng.uniform(0.15, 0.45) * facing
    gloss = np.clip(facing, 0, 1) ** rng.choice((4, 8)) * rng.uniform(0, 0.5)
    ramp = np.linspace(rng.uniform(0, 0.15), rng.uniform(-0.2, 0), SIDE)[:, None]
    lit = rgb * (diffuse + ramp)[..., None]
    return lit + (gloss[..., None] + 0.03) * alpha


def outlined(rgb, alpha, rng: random.Random):
    """Thins dark lines away, thickens them, or draws a dark line at the border."""
    kind = rng.random()
    if kind < 0.35:
        return ndimage.grey_dilation(rgb, (3, 3, 1)) * (alpha > 0)
    if kind < 0.6:
        return ndimage.grey_erosion(rgb, (3, 3, 1))
    border = alpha[..., 0] - ndimage.grey_erosion(alpha[..., 0], (5, 5))
    return rgb * (1 - border[..., None] * rng.uniform(0.5, 1))


def softened(rgb, alpha, rng: random.Random):
    """Blur, or sharpening against a blur."""
    sigma = rng.uniform(0.6, 1.6)
    blurred = ndimage.gaussian_filter(rgb, (sigma, sigma, 0))
    if rng.random() < 0.6:
        return blurred, ndimage.gaussian_filter(alpha, (sigma, sigma, 0))
    return rgb + (rgb - blurred) * rng.uniform(0.3, 0.8), alpha


def augment(picture: Image.Image, concept: Concept, rng: random.Random) -> np.ndarray:
    """RGBA picture -> one random variant, [160, 160, 3] u8."""
    square = premultiplied(squared(picture))
    flips = concept.group != SYMBOLS and not NO_FLIP.search(concept.label)
    if flips and rng.random() < 0.5:
        square = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    values = np.asarray(moved(square, rng)).astype(np.float32) / 255
    alpha = values[..., 3:]
    rgb = np.minimum(values[..., :3], alpha)
    if rng.random() < 0.25:
        rgb = outlined(rgb, alpha, rng)
    rgb = recoloured(rgb, alpha, rng)
    if rng.random() < 0.6:
        rgb = shaded(rgb, alpha, rng)
    if rng.random() < 0.4:
        rgb, alpha = softened(rgb, alpha, rng)
    plain = rng.random() < 0.6
    ground = np.array([1.0 if plain else rng.uniform(0.75, 1) for _ in range(3)])
    mixed = np.clip(rgb, 0, 1) + ground * (1 - alpha)
    return (np.clip(mixed, 0, 1) * 255).round().astype(np.uint8)
