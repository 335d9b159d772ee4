import assert from "node:assert/strict";
import { compositeOnWhite } from "../../../plugins/image/composite.ts";
import {
  fitPicture,
  preprocess,
  type PreprocessSpec,
} from "../../../plugins/image/preprocess.ts";
import { largestDifference, noise, readGolden, unpack } from "./golden.ts";

interface PreprocessCase {
  readonly picture: string;
  readonly spec: string;
  readonly width: number;
  readonly height: number;
  readonly frame: readonly [number, number, number, number] | null;
  readonly rgb: string;
  readonly first: readonly number[];
  readonly mean: number;
}

const { specs, cases } = await readGolden<
  { specs: Record<string, PreprocessSpec>; cases: PreprocessCase[] }
>("preprocess.json");

/** Noise that is clear outside the frame, as in make_golden.py. */
function picture(c: PreprocessCase) {
  const { width, height } = c;
  const data = noise(width * height, width * height * 4);
  if (c.frame) {
    const [left, top, w, h] = c.frame;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const isIn = x >= left && x < left + w && y >= top && y < top + h;
        if (!isIn) data[(y * width + x) * 4 + 3] = 0;
      }
    }
  }
  return { width, height, data };
}

for (const [name, spec] of Object.entries(specs)) {
  Deno.test(`preprocess() agrees with its Python twin: ${name}`, () => {
    const mine = cases.filter((c) => c.spec === name);
    assert.ok(mine.length >= 6);
    for (const c of mine) {
      const rgb = fitPicture(picture(c), spec);
      assert.deepEqual([rgb.width, rgb.height], [spec.px, spec.px]);
      const off = largestDifference(rgb.data, unpack(c.rgb));
      assert.equal(off, 0, `${c.picture}: ${off} levels off`);
      const values = preprocess(picture(c), spec);
      assert.equal(values.length, 3 * spec.px * spec.px);
      c.first.forEach((v, i) =>
        assert.ok(Math.abs(values[i]! - v) < 1e-6, c.picture)
      );
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      assert.ok(Math.abs(mean - c.mean) < 1e-5, c.picture);
    }
  });
}

Deno.test("preprocess() is planar, red first", () => {
  const spec: PreprocessSpec = {
    px: 2,
    fit: "stretch",
    resize: "bicubic",
    mean: [0, 0.5, 1],
    std: [1, 0.5, 2],
    background: [255, 255, 255],
  };
  const red = [255, 0, 0, 255];
  const blue = [0, 0, 255, 255];
  const data = new Uint8Array([red, blue, blue, red].flat());
  const values = preprocess({ width: 2, height: 2, data }, spec);
  assert.deepEqual([...values.subarray(0, 4)], [1, 0, 0, 1]);
  assert.deepEqual([...values.subarray(4, 8)], [-1, -1, -1, -1]);
  assert.deepEqual([...values.subarray(8, 12)], [-0.5, 0, 0, -0.5]);
});

Deno.test("preprocess() crops a very long picture at the cost of the crop", () => {
  const data = new Uint8Array(16_384 * 4).fill(255);
  const spec = { ...specs["clip"]!, px: 224 };
  const rgb = fitPicture({ width: 16_384, height: 1, data }, spec);
  assert.deepEqual([rgb.width, rgb.height], [224, 224]);
  assert.ok(rgb.data.every((v) => v === 255));
});

Deno.test("preprocess() refuses a declaration that cannot be meant", () => {
  const white = { width: 1, height: 1, data: new Uint8Array(4) };
  const good = specs["clip"]!;
  for (
    const [key, change] of [
      ["px", { px: 0 }],
      ["px", { px: 2.5 }],
      ["margin", { margin: 0.1 }],
      ["margin", { fit: "pad", margin: -1 }],
      ["std", { std: [1, 0, 1] }],
    ] as [string, Partial<PreprocessSpec>][]
  ) {
    assert.throws(() => preprocess(white, { ...good, ...change }), {
      code: "config",
      message: new RegExp(`image\\.${key} is`),
    });
  }
});

Deno.test("compositeOnWhite() rounds c·a + background·(255 − a) in whole numbers", () => {
  const data = new Uint8Array(256 * 256 * 4);
  for (let i = 0; i < 65_536; i++) {
    data.set([i & 255, i & 255, i & 255, i >> 8], i * 4);
  }
  const { data: rgb } = compositeOnWhite(
    { width: 256, height: 256, data },
    [255, 0, 77],
  );
  for (let i = 0; i < 65_536; i++) {
    const [c, a] = [i & 255, i >> 8];
    [255, 0, 77].forEach((bg, k) => {
      const want = Math.floor((c * a + bg * (255 - a) + 127) / 255);
      assert.equal(rgb[i * 3 + k], want);
    });
  }
});
