import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cropRgb } from "../../../plugins/image/crop.ts";
import { resize, resizePart } from "../../../plugins/image/resize.ts";
import type { ResizeFilter } from "../../../plugins/image/resize_filter.ts";
import { largestDifference, noise, readGolden, unpack } from "./golden.ts";

interface ResizeCase {
  readonly filter: ResizeFilter;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly seed: number;
  readonly hard: boolean;
  readonly rgb: string;
}

interface LargeCase extends Omit<ResizeCase, "rgb"> {
  readonly sha256: string;
}

const FILTERS: readonly ResizeFilter[] = [
  "nearest",
  "box",
  "bilinear",
  "hamming",
  "bicubic",
  "lanczos",
];
const golden = await readGolden<{ cases: ResizeCase[]; large: LargeCase[] }>(
  "resize.json",
);

function source(c: Pick<ResizeCase, "from" | "seed" | "hard">) {
  const [width, height] = c.from;
  const data = noise(c.seed, width * height * 3);
  return {
    width,
    height,
    data: c.hard ? data.map((v) => (v > 127 ? 255 : 0)) : data,
  };
}

for (const filter of FILTERS) {
  Deno.test(`resize() gives Pillow's very bytes: ${filter}`, () => {
    const mine = golden.cases.filter((c) => c.filter === filter);
    assert.ok(mine.length >= 20);
    for (const c of mine) {
      const got = resize(source(c), c.to[0], c.to[1], filter);
      const off = largestDifference(got.data, unpack(c.rgb));
      assert.equal(off, 0, `${c.from} to ${c.to}`);
    }
  });

  Deno.test(`resize() gives Pillow's very bytes on large pictures: ${filter}`, () => {
    for (const c of golden.large.filter((c) => c.filter === filter)) {
      const got = resize(source(c), c.to[0], c.to[1], filter);
      const sum = createHash("sha256").update(got.data).digest("hex");
      assert.equal(sum, c.sha256, `${c.from} to ${c.to}`);
    }
  });

  Deno.test(`resizePart() equals a crop of the whole: ${filter}`, () => {
    const rgb = source({ from: [23, 17], seed: 5, hard: false });
    const part = { left: 3, top: 2, width: 9, height: 4 };
    for (const [width, height] of [[12, 9], [23, 40], [50, 17]] as const) {
      const whole = resize(rgb, width, height, filter);
      const got = resizePart(rgb, { width, height, filter, part });
      assert.deepEqual(got, cropRgb(whole, part));
    }
  });
}
