"""Golden data for the picture input, made with Pillow (version in the files).

    python3 tests/golden/image/make_golden.py

Writes beside itself: decode.json (encoded files and their RGBA pixels),
resize.json (Pillow's resize of generated noise) and preprocess.json (a Python
twin of plugins/image/preprocess.ts). Sources are a linear congruential
generator that the tests repeat, so that only results are stored.
"""

import base64, hashlib, io, json, math, os, struct, warnings, zlib

import numpy as np
import PIL
from PIL import Image, ImageOps, features

HERE = os.path.dirname(os.path.abspath(__file__))
warnings.simplefilter("ignore")


def b64(data):
    return base64.b64encode(bytes(data)).decode()


def noise(seed, count):
    """Bytes of a linear congruential generator (same in golden.ts)."""
    out, state = bytearray(count), seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = state >> 24
    return bytes(out)


def photo(w, h, channels=3):
    """A smooth picture with edges: JPEG and WebP lose little of it."""
    y, x = np.mgrid[0:h, 0:w]
    out = np.zeros((h, w, channels))
    for c in range(channels):
        wave = 127 + 90 * np.sin(x / (5 + 2 * c) + c) * np.cos(y / (7 - c))
        out[:, :, c] = wave
    out[h // 4:h // 2, w // 3:w // 2, :3] = (np.arange(3) * 90 + 40)[:min(3, channels)]
    return np.clip(out, 0, 255).astype(np.uint8)


# ---- PNG writer: Pillow writes neither 16-bit colour nor interlaced files ----

def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def pack_rows(samples, depth):
    """samples [h, w, c] to filtered rows; filter type changes by row."""
    h, w, c = samples.shape
    if depth == 16:
        rows = samples.astype(">u2").tobytes()
        row = w * c * 2
        raw = [rows[i * row:(i + 1) * row] for i in range(h)]
    elif depth == 8:
        raw = [samples[i].astype(np.uint8).tobytes() for i in range(h)]
    else:
        raw = []
        for i in range(h):
            bits = ((samples[i].reshape(-1)[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
            raw.append(np.packbits(bits.reshape(-1)).tobytes())
    bpp = max(1, c * depth // 8)
    out, prior = b"", bytes(len(raw[0])) if raw else b""
    for i, line in enumerate(raw):
        kind = i % 5
        coded = bytearray(len(line))
        for j, v in enumerate(line):
            a = line[j - bpp] if j >= bpp else 0
            b = prior[j]
            d = prior[j - bpp] if j >= bpp else 0
            p = a + b - d
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - d), 2, d))[2]
            coded[j] = (v - (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        out += bytes([kind]) + bytes(coded)
        prior = line
    return out


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples, depth, colour, interlaced=False, extra=(), idats=2):
    h, w, _ = samples.shape
    if interlaced:
        data = b"".join(
            pack_rows(samples[y0::dy, x0::dx], depth)
            for x0, y0, dx, dy in ADAM7 if samples[y0::dy, x0::dx].size)
    else:
        data = pack_rows(samples, depth)
    z = zlib.compress(data, 9)
    cut = len(z) // idats
    parts = [z[i * cut:(i + 1) * cut] for i in range(idats - 1)] + [z[(idats - 1) * cut:]]
    head = struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunk(k, v) for k, v in extra)
            + b"".join(chunk(b"IDAT", p) for p in parts) + chunk(b"IEND", b""))


def expand(samples, depth, colour, palette=None, alphas=b"", key=None):
    """RGBA by the PNG specification; 16 bit keeps the high byte."""
    h, w, c = samples.shape
    out = np.full((h, w, 4), 255, np.uint8)
    if colour == 3:
        table = np.full((256, 4), 255, np.uint8)
        table[:len(palette), :3] = palette
        table[:len(alphas), 3] = np.frombuffer(alphas, np.uint8)
        return table[samples[:, :, 0]]
    eight = samples >> 8 if depth == 16 else samples * (255 // ((1 << depth) - 1))
    colours = 1 if colour in (0, 4) else 3
    out[:, :, :3] = eight[:, :, :colours]
    if colour in (4, 6):
        out[:, :, 3] = eight[:, :, -1]
    elif key is not None:
        out[(samples == np.array(key)).all(axis=2), 3] = 0
    return out


def png_cases():
    w, h = 13, 11
    cases = []
    for interlaced in (False, True):
        for colour, depths, c in ((0, (1, 2, 4, 8, 16), 1), (2, (8, 16), 3), (3, (1, 2, 4, 8), 1),
                                  (4, (8, 16), 2), (6, (8, 16), 4)):
            for depth in depths:
                for trns in ((False, True) if colour in (0, 2, 3) else (False,)):
                    raw = np.frombuffer(noise(colour * 100 + depth, w * h * c * 2), ">u2")
                    samples = (raw >> (16 - depth)).astype(np.int64).reshape(h, w, c)
                    extra, palette, alphas, key = [], None, b"", None
                    if colour == 3:
                        size = min(1 << depth, 200)
                        samples = samples % size
                        palette = np.frombuffer(noise(7, size * 3), np.uint8).reshape(-1, 3)
                        extra.append((b"PLTE", palette.tobytes()))
                        if trns:
                            alphas = noise(9, max(1, size // 2))
                            extra.append((b"tRNS", alphas))
                    elif trns:
                        key = samples[3, 4].tolist()
                        extra.append((b"tRNS", struct.pack(">%dH" % len(key), *key)))
                    data = png(samples, depth, colour, interlaced, extra)
                    want = expand(samples, depth, colour, palette, alphas, key)
                    im = Image.open(io.BytesIO(data))
                    got = np.asarray(im.convert("RGBA"))
                    name = "png %s %d bit%s%s" % (
                        {0: "grey", 2: "rgb", 3: "palette", 4: "grey+alpha", 6: "rgba"}[colour], depth,
                        " tRNS" if trns else "", " interlaced" if interlaced else "")
                    same = np.array_equal(got, want)
                    if not same:
                        print("Pillow differs from the specification:", name, im.mode)
                    # Pillow's own numbers wherever it follows the specification.
                    cases.append(case(name, data, want, 0, pillow=same))
    grey = np.frombuffer(noise(3, 4 * 9), np.uint8).reshape(9, 4, 1).astype(np.int64)
    exif = Image.Exif()
    exif[0x0112] = 6
    data = png(grey, 8, 0, extra=[(b"eXIf", exif.tobytes()[6:])])
    cases.append(case("png eXIf turn 6", data, turned(data), 0))
    # A tiny interlaced picture has empty passes.
    one = np.array([[[200]], [[10]]], np.int64)
    cases.append(case("png 1x2 interlaced", png(one, 8, 0, True, idats=1), expand(one, 8, 0), 0))
    # Animated PNG: the first frame is the picture of its IDAT.
    frames = [Image.fromarray(photo(9, 8)), Image.fromarray(255 - photo(9, 8))]
    f = io.BytesIO()
    frames[0].save(f, "PNG", save_all=True, append_images=frames[1:])
    cases.append(case("png animated", f.getvalue(), np.asarray(frames[0].convert("RGBA")), 0))
    return cases


def case(name, data, rgba, tolerance, **more):
    rgba = np.asarray(rgba)
    return {"name": name, "file": b64(data), "width": rgba.shape[1], "height": rgba.shape[0],
            "rgba": b64(zlib.compress(rgba.tobytes(), 9)), "tolerance": tolerance, **more}


def turned(data):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGBA"))


def saved(im, kind, **options):
    f = io.BytesIO()
    im.save(f, kind, **options)
    return f.getvalue()


def jpeg_cases():
    im = Image.fromarray(photo(45, 34))
    grey = im.convert("L")
    cmyk = im.convert("CMYK")
    made = [
        ("jpeg 4:2:0", saved(im, "JPEG", quality=85)),
        ("jpeg 4:4:4", saved(im, "JPEG", quality=95, subsampling=0)),
        ("jpeg 4:2:2", saved(im, "JPEG", quality=80, subsampling=1)),
        ("jpeg progressive", saved(im, "JPEG", quality=80, progressive=True)),
        ("jpeg grey", saved(grey, "JPEG", quality=80)),
        ("jpeg grey progressive", saved(grey, "JPEG", quality=80, progressive=True)),
        ("jpeg restarts", saved(im, "JPEG", quality=80, restart_marker_blocks=2)),
        ("jpeg rgb", saved(im, "JPEG", quality=80, keep_rgb=True)),
        ("jpeg 1x1", saved(im.crop((3, 3, 4, 4)), "JPEG")),
        ("jpeg cmyk", saved(cmyk, "JPEG", quality=90)),
        ("jpeg icc ignored", saved(im, "JPEG", quality=85, icc_profile=bytes(range(200)))),
    ]
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        small = im.crop((0, 0, 19, 12))
        made.append(("jpeg exif %d" % turn, saved(small, "JPEG", quality=90, exif=exif)))
    # 2 levels: decoders round colour conversion and upsampling differently.
    return [case(name, data, turned(data), 2) for name, data in made]


def webp_cases():
    im = Image.fromarray(photo(45, 34))
    alpha = Image.fromarray(photo(45, 34, 4))
    exif = Image.Exif()
    exif[0x0112] = 8
    made = [
        ("webp lossy", saved(im, "WEBP", quality=80), 2),
        ("webp lossless", saved(im, "WEBP", lossless=True), 0),
        ("webp lossy alpha", saved(alpha, "WEBP", quality=80), 2),
        ("webp lossless alpha", saved(alpha, "WEBP", lossless=True, exact=True), 0),
        ("webp lossy exif 8", saved(im, "WEBP", quality=80, exif=exif), 2),
    ]
    return [case(name, data, turned(data), tolerance) for name, data, tolerance in made]


def gif_bytes(w, h, frame, palette, indices, transparent=None, interlaced=False, background=0):
    """A GIF of one frame by hand: literal codes only, a clear code often."""
    left, top, fw, fh = frame
    out = b"GIF89a" + struct.pack("<HHBBB", w, h, 0x80 | 6, background, 0) + palette
    if transparent is not None:
        out += b"\x21\xf9\x04" + struct.pack("<BHB", 1, 0, transparent) + b"\0"
    out += b"\x2c" + struct.pack("<HHHHB", left, top, fw, fh, 0x40 if interlaced else 0)
    rows = indices.reshape(fh, fw)
    if interlaced:
        rows = np.concatenate([rows[0::8], rows[4::8], rows[2::4], rows[1::2]])
    codes, n = [], 0
    for v in rows.reshape(-1):
        if n % 100 == 0:
            codes.append(128)
        codes.append(int(v))
        n += 1
    codes.append(129)
    bits, have, body = 0, 0, bytearray()
    for code in codes:
        bits |= code << have
        have += 8
        while have >= 8:
            body.append(bits & 255)
            bits >>= 8
            have -= 8
    if have:
        body.append(bits & 255)
    out += b"\x07"
    for i in range(0, len(body), 255):
        out += bytes([len(body[i:i + 255])]) + bytes(body[i:i + 255])
    return out + b"\0;"


def gif_cases():
    im = Image.fromarray(photo(31, 22))
    other = Image.fromarray(255 - photo(31, 22))
    made = [
        ("gif", saved(im, "GIF")),
        ("gif not interlaced", saved(im, "GIF", interlace=0)),
        ("gif animated, first frame", saved(im, "GIF", save_all=True, append_images=[other])),
        ("gif transparent", saved(im.convert("P"), "GIF", transparency=im.convert("P").getpixel((5, 5)))),
        ("gif black and white", saved(im.convert("1"), "GIF")),
    ]
    cases = [case(name, data, np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")), 0) for name, data in made]
    palette = noise(5, 128 * 3)
    colours = np.frombuffer(palette, np.uint8).reshape(-1, 3)
    for name, frame, transparent, interlaced in (
            ("gif frame within screen, transparent", (2, 3, 9, 8), 5, False),
            ("gif interlaced by hand", (0, 0, 14, 13), None, True)):
        indices = np.frombuffer(noise(11, frame[2] * frame[3]), np.uint8) >> 1
        data = gif_bytes(14, 13, frame, palette, indices, transparent, interlaced)
        want = np.zeros((13, 14, 4), np.uint8)
        part = np.concatenate([colours[indices], np.full((len(indices), 1), 255, np.uint8)], 1)
        if transparent is not None:
            part[indices == transparent] = 0
        want[frame[1]:frame[1] + frame[3], frame[0]:frame[0] + frame[2]] = part.reshape(frame[3], frame[2], 4)
        got = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        visible = want[:, :, 3] > 0
        same = np.array_equal(got[:, :, 3] > 0, visible) and np.array_equal(got[visible], want[visible])
        if not same:
            print("Pillow differs:", name)
        cases.append(case(name, data, want, 0, pillow=same))
    return cases


FILTERS = {"nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR,
           "hamming": Image.HAMMING, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIZES = [(37, 23, 16, 16), (61, 47, 13, 29), (5, 7, 31, 19), (1, 9, 4, 4), (9, 1, 3, 5), (8, 8, 8, 3),
         (8, 8, 3, 8), (1, 1, 6, 5), (100, 3, 7, 7), (16, 16, 1, 1), (17, 19, 1, 40), (33, 31, 32, 30),
         (3, 3, 3, 3), (20, 20, 47, 11),
         # Either side of Pillow 13's rule for the order of the passes.
         (20, 40, 15, 30), (20, 41, 15, 30), (20, 61, 15, 50), (9, 60, 7, 11)]


def resize_cases():
    cases = []
    for index, (w, h, ow, oh) in enumerate(SIZES):
        for hard in (False, True):
            data = noise(index + 1, w * h * 3)
            if hard:  # only 0 and 255: overshoot must be clipped
                data = bytes(255 if v > 127 else 0 for v in data)
            im = Image.frombytes("RGB", (w, h), data)
            for name, kind in FILTERS.items():
                got = im.resize((ow, oh), kind).tobytes()
                cases.append({"filter": name, "from": [w, h], "to": [ow, oh], "seed": index + 1, "hard": hard,
                              "rgb": b64(zlib.compress(got, 9))})
    large = []
    for w, h, ow, oh in ((640, 481, 224, 224), (333, 500, 384, 216), (50, 40, 777, 333), (2000, 64, 224, 224),
                         (808, 752, 424, 288), (840, 440, 280, 912)):
        data = noise(99, w * h * 3)
        im = Image.frombytes("RGB", (w, h), data)
        for name, kind in FILTERS.items():
            got = im.resize((ow, oh), kind).tobytes()
            large.append({"filter": name, "from": [w, h], "to": [ow, oh], "seed": 99,
                          "sha256": hashlib.sha256(got).hexdigest()})
    return cases, large


# ---- the twin of preprocess.ts ----

def composite(rgba, background):
    a = rgba[:, :, 3:].astype(np.int64)
    c = rgba[:, :, :3].astype(np.int64)
    return ((c * a + np.array(background) * (255 - a) + 127) // 255).astype(np.uint8)


def preprocess(rgba, spec):
    bg = spec["background"]
    rgb = composite(rgba, bg)
    if "trim" in spec:
        ys, xs = np.nonzero((np.abs(rgb.astype(int) - np.array(bg)) > spec["trim"]).any(axis=2))
        if len(ys):
            rgb = rgb[ys.min():ys.max() + 1, xs.min():xs.max() + 1]
    h, w, _ = rgb.shape
    im, px, kind = Image.fromarray(np.ascontiguousarray(rgb)), spec["px"], FILTERS[spec["resize"]]
    if spec["fit"] == "pad":
        side = max(w, h) + 2 * math.floor(spec.get("margin", 0) * max(w, h) + 0.5)
        square = Image.new("RGB", (side, side), tuple(bg))
        square.paste(im, ((side - w) // 2, (side - h) // 2))
        im = square.resize((px, px), kind)
    elif spec["fit"] == "crop":
        size = (px, int(px * h / w)) if w <= h else (int(px * w / h), px)
        im = im.resize(size, kind)
        left, top = int(round((size[0] - px) / 2.0)), int(round((size[1] - px) / 2.0))
        im = im.crop((left, top, left + px, top + px))
    else:
        im = im.resize((px, px), kind)
    x = np.asarray(im).astype(np.float64) / 255
    x = (x - np.array(spec["mean"])) / np.array(spec["std"])
    return x.astype(np.float32).transpose(2, 0, 1), np.asarray(im)


CLIP = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}
HALF = {"mean": [127 / 255] * 3, "std": [128 / 255] * 3}
WHITE = {"background": [255, 255, 255]}
SPECS = {
    "default model": {"px": 32, "fit": "pad", "trim": 16, "margin": 0.04, "resize": "bicubic", **HALF, **WHITE},
    "clip": {"px": 24, "fit": "crop", "resize": "bicubic", **CLIP, **WHITE},
    "idefics": {"px": 24, "fit": "stretch", "resize": "bicubic", **CLIP, **WHITE},
    "grey pad": {"px": 17, "fit": "pad", "resize": "lanczos", **HALF, "background": [128, 100, 7]},
}


def preprocess_cases():
    cases = []
    for name, (w, h, frame) in {"object on clear": (41, 30, (7, 5, 25, 18)), "tall": (21, 40, None),
                                "wide odd": (47, 25, None), "empty": (12, 9, (0, 0, 0, 0)),
                                "one pixel": (1, 1, None), "touches edge": (30, 33, (18, 0, 12, 30))}.items():
        rgba = np.frombuffer(noise(w * h, w * h * 4), np.uint8).reshape(h, w, 4).copy()
        if frame:
            x, y, fw, fh = frame
            keep = np.zeros((h, w), bool)
            keep[y:y + fh, x:x + fw] = True
            rgba[~keep, 3] = 0
        for spec_name, spec in SPECS.items():
            x, rgb = preprocess(rgba, spec)
            cases.append({"picture": name, "spec": spec_name, "width": w, "height": h, "frame": frame,
                          "rgb": b64(zlib.compress(rgb.tobytes(), 9)),
                          "first": [float(v) for v in x.reshape(-1)[:4]],
                          "mean": float(x.astype(np.float64).mean())})
    return cases


def write(name, data):
    made = {"madeBy": "tests/golden/image/make_golden.py", "pillow": PIL.__version__,
            "libjpeg": features.version("libjpeg_turbo"), "libwebp": features.version("webp"),
            "numpy": np.__version__}
    with open(os.path.join(HERE, name), "w") as f:
        json.dump({**made, **data}, f, indent=None, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    write("decode.json", {"cases": png_cases() + jpeg_cases() + webp_cases() + gif_cases()})
    small, large = resize_cases()
    write("resize.json", {"cases": small, "large": large})
    write("preprocess.json", {"specs": SPECS, "cases": preprocess_cases()})
