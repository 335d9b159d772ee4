"""Writes the broken pictures beside this script (Pillow 13.0.0, numpy).

    python3 tests/pictures/broken/make_broken.py
"""

import io, os, struct, zlib

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))


def write(name, data):
    with open(os.path.join(HERE, name), "wb") as f:
        f.write(data)


def saved(im, kind, **options):
    f = io.BytesIO()
    im.save(f, kind, **options)
    return f.getvalue()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(w, h, pixels, depth=8, colour=2):
    head = struct.pack(">IIBBBBB", w, h, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


y, x = np.mgrid[0:40, 0:48]
im = Image.fromarray(np.stack([x * 5, y * 6, (x * y) % 256], 2).astype(np.uint8))
good = {k: saved(im, k.upper()) for k in ("png", "jpeg", "webp", "gif")}
rows = (b"\0" + bytes(48 * 3)) * 40

# Cut short
write("cut.png", good["png"][:len(good["png"]) // 2])
write("cut.jpg", good["jpeg"][:len(good["jpeg"]) * 2 // 3])
write("cut_in_header.jpg", good["jpeg"][:100])
write("cut.webp", good["webp"][:len(good["webp"]) // 2])
write("cut.gif", good["gif"][:len(good["gif"]) * 2 // 3])
write("empty.png", b"")
write("unfinished_pixels.png", png(48, 40, zlib.compress(rows[:2000])))
write("unfinished_stream.png", png(48, 40, zlib.compress(bytes(range(256)) * 23)[:60]))

# Damaged
crc = bytearray(good["png"])
crc[29] ^= 1
write("bad_crc.png", bytes(crc))
write("bad_stream.png", png(48, 40, b"\x78\x9c" + b"\xff" * 80))
write("bad_filter.png", png(48, 40, zlib.compress(b"\x09" + rows[1:])))
write("line_ends_changed.png", good["png"].replace(b"\r\n", b"\n"))
start = good["jpeg"].index(b"\xff\xdb")  # leave out all quantisation tables
end = good["jpeg"].index(b"\xff\xc0")
write("no_tables.jpg", good["jpeg"][:start] + good["jpeg"][end:])
webp = bytearray(good["webp"])
webp[30:60] = b"\xff" * 30
write("bad_data.webp", bytes(webp))
gif = bytearray(saved(im.convert("P"), "GIF", interlace=0))
at = gif.rindex(b"\x2c\0\0\0\0") + 10
gif[at + 2:at + 2 + gif[at + 1]] = b"\xff" * gif[at + 1]
write("bad_codes.gif", bytes(gif))
write("no_frame.gif", b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + b";")
write("no_colours.gif", b"GIF89a" + struct.pack("<HHBBB", 2, 1, 0, 0, 0)
      + b"\x2c" + struct.pack("<HHHHB", 0, 0, 2, 1, 0) + b"\x02\x02\x44\x05\x00;")
write("no_palette.png", png(4, 4, zlib.compress((b"\0" + bytes(4)) * 4), 8, 3))
write("zero_width.png", png(0, 10, zlib.compress(bytes(10))))

# Bombs: small files that claim or unpack to very much
write("bomb_60000.png", png(60000, 60000, zlib.compress(bytes(1000))))
write("bomb_16000.png", png(16000, 16000, zlib.compress(bytes(1000))))
write("long_side.png", png(20000, 1, zlib.compress(bytes(60001))))
write("unpacks_to_64_mib.png", png(10, 10, zlib.compress(bytes(64 << 20), 9)))
sof = good["jpeg"].index(b"\xff\xc0")
write("bomb.jpg", good["jpeg"][:sof + 5] + struct.pack(">HH", 16000, 16000) + good["jpeg"][sof + 9:])
lossless = bytearray(saved(im, "WEBP", lossless=True))
struct.pack_into("<I", lossless, 21, 16382 | (16382 << 14))
write("bomb.webp", bytes(lossless))
write("bomb.gif", b"GIF89a" + struct.pack("<HHBBB", 10, 10, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
      + b"\x2c" + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x44\x01\x00;")

# Something else
write("text.png", b"This is no picture, it only has a picture's name.\n")
write("page.jpg", b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n")
svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" />\n'
write("drawing.svg", svg)
write("drawing_with_prologue.png", b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- made by hand -->\n' + svg)
write("old.bmp", saved(im.crop((0, 0, 4, 4)), "BMP"))
write("scan.tiff", saved(im.crop((0, 0, 4, 4)), "TIFF"))
write("phone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
write("web.avif", saved(im.crop((0, 0, 4, 4)), "AVIF"))
write("wrong_magic.jpg", b"\x13\x37\xbe\xef" + good["jpeg"][4:200])
write("animated.webp", saved(im, "WEBP", save_all=True, append_images=[im.rotate(90)]))
write("arithmetic.jpg", good["jpeg"].replace(b"\xff\xc0", b"\xff\xc9", 1))
