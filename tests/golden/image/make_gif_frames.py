"""Golden data of animated GIFs: files and their frames as they are seen.

    python3 tests/golden/image/make_gif_frames.py

Writes gif_frames.json beside itself. The files are written here, block by
block, so that every disposal, part frames, clear colours, a palette of one
frame and interlaced rows occur. Frames are composed by the GIF89a rules with
numpy, and compared with Pillow's. Pillow takes disposal 0 for that of the frame
before; here it follows one that is kept, so that both agree.
"""

import base64, io, json, struct, zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageSequence

W, H, BITS = 13, 9, 3  # canvas; colours are 2 ** BITS
KEEP, BACKGROUND, PREVIOUS = 1, 2, 3


def codes(indices, bits):
    """LZW codes without any table: the clear code comes before it grows."""
    clear, width = 1 << bits, bits + 1
    stream, held, count = bytearray(), 0, 0
    run = [clear]
    for i, index in enumerate(indices):
        run.append(int(index))
        if i % (clear - 2) == clear - 3:
            run.append(clear)
    for code in run + [clear + 1]:
        held |= code << count
        count += width
        while count >= 8:
            stream.append(held & 255)
            held, count = held >> 8, count - 8
    if count:
        stream.append(held)
    blocks = [bytes(stream[i:i + 255]) for i in range(0, len(stream), 255)]
    return bytes([bits]) + b"".join(bytes([len(b)]) + b for b in blocks) + b"\0"


def rows_in_file(pixels, is_interlaced):
    if not is_interlaced:
        return pixels
    h = len(pixels)
    order = [y for first, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(first, h, step)]
    return pixels[order]


def write(palette, frames):
    out = b"GIF89a" + struct.pack("<HHBBB", W, H, 0x80 | BITS - 1, 0, 0) + palette.tobytes()
    for f in frames:
        flags = f["disposal"] << 2 | (f["clear"] >= 0)
        out += b"\x21\xf9\x04" + struct.pack("<BHB", flags, 10, max(0, f["clear"])) + b"\0"
        h, w = f["pixels"].shape
        own = f.get("palette")
        packed = (0x80 | BITS - 1 if own is not None else 0) | (0x40 if f.get("interlaced") else 0)
        out += b"\x2c" + struct.pack("<HHHHB", f["left"], f["top"], w, h, packed)
        out += own.tobytes() if own is not None else b""
        out += codes(rows_in_file(f["pixels"], f.get("interlaced")).reshape(-1), BITS)
    return out + b"\x3b"


def compose(palette, frames):
    canvas, seen = np.zeros((H, W, 4), np.uint8), []
    for f in frames:
        before = canvas.copy()
        h, w = f["pixels"].shape
        place = canvas[f["top"]:f["top"] + h, f["left"]:f["left"] + w]
        colours = f.get("palette", palette)[f["pixels"]]
        drawn = f["pixels"] != f["clear"]
        place[drawn] = np.concatenate((colours, np.full((h, w, 1), 255, np.uint8)), 2)[drawn]
        seen.append(canvas.copy())
        if f["disposal"] == BACKGROUND:
            place[:] = 0
        elif f["disposal"] == PREVIOUS:
            canvas = before
    return seen


def main():
    random = np.random.default_rng(5)
    palette = random.integers(0, 256, (1 << BITS, 3), np.uint8)
    shape = lambda h, w: random.integers(0, 1 << BITS, (h, w))
    frames = [
        dict(left=0, top=0, pixels=shape(H, W), clear=7, disposal=KEEP),
        dict(left=0, top=3, pixels=shape(3, 13), clear=5, disposal=0,
             palette=random.integers(0, 256, (1 << BITS, 3), np.uint8)),
        dict(left=2, top=1, pixels=shape(5, 6), clear=3, disposal=PREVIOUS, interlaced=True),
        dict(left=4, top=2, pixels=shape(6, 7), clear=1, disposal=BACKGROUND),
        dict(left=12, top=8, pixels=shape(1, 1), clear=-1, disposal=PREVIOUS),
        dict(left=1, top=0, pixels=shape(9, 3), clear=0, disposal=BACKGROUND, interlaced=True),
        dict(left=3, top=3, pixels=shape(2, 2), clear=2, disposal=KEEP),
    ]
    file, seen = write(palette, frames), compose(palette, frames)
    pillow = [np.array(f.convert("RGBA")) for f in ImageSequence.Iterator(Image.open(io.BytesIO(file)))]
    for i, (a, b) in enumerate(zip(seen, pillow, strict=True)):
        visible = (a[..., 3] > 0) | (b[..., 3] > 0)
        assert (a[visible] == b[visible]).all(), f"frame {i} is not Pillow's"
    pixels = zlib.compress(np.stack(seen).tobytes(), 9)
    content = {
        "pillow": PIL.__version__, "width": W, "height": H, "frames": len(frames),
        "file": base64.b64encode(file).decode(), "pixels": base64.b64encode(pixels).decode(),
    }
    (Path(__file__).parent / "gif_frames.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
