/**
 * Half-precision weights: per tile and 8 columns `[8 rows] vec4<u32>`, two
 * halves a word. Kernels widen them with `unpack2x16float`, which needs no
 * device feature.
 *
 * @module
 */

import { packF16 } from "../float16.ts";
import type { DecodeOptions, PackedLayout } from "./layout.ts";
import { defineLayout } from "./tiles.ts";

/** f16 weights; 2 bytes each. */
export const F16_LAYOUT: PackedLayout = defineLayout({
  name: "f16",
  block: 8,
  element: "vec4<u32>",
  unitBytes: 2,
  pieces: [{ source: 0, target: 0, units: 8 }],
  quantize(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return new Uint8Array(packF16(values).buffer);
  },
  decode({ weights, at, lane, prefix }: DecodeOptions): string {
    const word = `${prefix}h`;
    const pair = (a: string, b: string): string =>
      `vec4<f32>(unpack2x16float(${word}.${a}), unpack2x16float(${word}.${b}))`;
    return `let ${word} = ${weights}[${at} + ${lane}];
let ${prefix}0 = ${pair("x", "y")};
let ${prefix}1 = ${pair("z", "w")};`;
  },
  at(weights: string): string {
    return `fn ${weights}_at(row: u32, column: u32, blocks: u32) -> f32 {
  let block = ((row >> 3u) * blocks + (column >> 3u)) * 8u;
  let word = ${weights}[block + (row & 7u)][(column >> 1u) & 3u];
  return unpack2x16float(word)[column & 1u];
}`;
  },
});
