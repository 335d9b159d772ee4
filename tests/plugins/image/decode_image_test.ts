import assert from "node:assert/strict";
import { decodeImage } from "../../../plugins/image/decode_image.ts";
import { encodePng } from "../../../plugins/image/encode_png.ts";
import { sniffImage } from "../../../plugins/image/sniff_image.ts";
import {
  fromBase64,
  largestDifference,
  noise,
  readGolden,
  unpack,
} from "./golden.ts";

interface DecodeCase {
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly rgba: string;
  readonly tolerance: number;
}

const { cases } = await readGolden<{ cases: DecodeCase[] }>("decode.json");

/** Largest difference where alpha shows the colour, and of alpha itself. */
function visibleDifference(got: Uint8Array, want: Uint8Array): number {
  const hide = (data: Uint8Array) =>
    data.map((v, i) => (data[i | 3] === 0 ? 0 : v));
  return largestDifference(hide(got), hide(want));
}

for (const kind of ["png", "jpeg", "webp", "gif"]) {
  const mine = cases.filter((c) => c.name.startsWith(kind));
  Deno.test(`decodeImage() agrees with Pillow and the format: ${kind}`, async (t) => {
    assert.ok(mine.length >= 5);
    for (const c of mine) {
      await t.step(c.name, async () => {
        const picture = await decodeImage(fromBase64(c.file), c.name);
        assert.deepEqual([picture.width, picture.height], [c.width, c.height]);
        const off = visibleDifference(picture.data, unpack(c.rgba));
        assert.ok(off <= c.tolerance, `${off} levels off`);
      });
    }
  });
}

Deno.test("decodeImage() gives Pillow's very bytes for JPEG of 1 and 3 components", async () => {
  const mine = cases.filter((c) =>
    c.name.startsWith("jpeg") && !c.name.includes("cmyk")
  );
  for (const c of mine) {
    const picture = await decodeImage(fromBase64(c.file), c.name);
    assert.equal(largestDifference(picture.data, unpack(c.rgba)), 0, c.name);
  }
});

Deno.test("sniffImage() reads format and stored size from the header", () => {
  for (const c of cases) {
    const header = sniffImage(fromBase64(c.file), c.name);
    assert.equal(header.format, c.name.split(" ")[0]);
    const sides = [header.width, header.height].sort();
    assert.deepEqual(sides, [c.width, c.height].sort(), c.name);
  }
  const gif = cases.find((c) => c.name.startsWith("gif animated"))!;
  assert.equal(sniffImage(fromBase64(gif.file)).frames, 2);
});

Deno.test("decodeImage() gives what encodePng() was given", async () => {
  const data = noise(4, 7 * 5 * 4);
  const file = encodePng({ width: 7, height: 5, data });
  assert.deepEqual(await decodeImage(file), { width: 7, height: 5, data });
});

Deno.test("decodeImage() checks each limit before decoding", async () => {
  const data = new Uint8Array(40 * 30 * 4);
  const file = encodePng({ width: 40, height: 30, data });
  const cases: [Parameters<typeof decodeImage>[2], RegExp][] = [
    [{ maxPixels: 1199 }, /"a\.png" .*40 × 30 pixels, 1200 in all: .*1199/],
    [{ maxSide: 39 }, /"a\.png" .*40 × 30 pixels: .* 39 /],
    [{ maxBytes: 20 }, /"a\.png" .* bytes: the limit is 20 /],
  ];
  for (const [limits, message] of cases) {
    await assert.rejects(decodeImage(file, "a.png", limits), {
      name: "RookeryError",
      code: "image",
      message,
    });
  }
  const atLimit = { maxPixels: 1200, maxSide: 40, maxBytes: file.length };
  assert.equal((await decodeImage(file, "a.png", atLimit)).width, 40);
});
