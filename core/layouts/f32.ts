/**
 * Full-precision weights: per tile and 8 columns two planes of
 * `[8 rows] vec4<f32>`, so that a lane reads 16 bytes at a time.
 *
 * @module
 */

import type { DecodeOptions, PackedLayout } from "./layout.ts";
import { defineLayout } from "./tiles.ts";

/** f32 weights; 4 bytes each. */
export const F32_LAYOUT: PackedLayout = defineLayout({
  name: "f32",
  block: 8,
  element: "vec4<f32>",
  unitBytes: 4,
  pieces: [
    { source: 0, target: 0, units: 4 },
    { source: 4, target: 32, units: 4 },
  ],
  quantize(values: Float32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  },
  decode({ weights, at, lane, prefix }: DecodeOptions): string {
    return `let ${prefix}0 = ${weights}[${at} + ${lane}];
let ${prefix}1 = ${weights}[${at} + 8u + ${lane}];`;
  },
  at(weights: string): string {
    return `fn ${weights}_at(row: u32, column: u32, blocks: u32) -> f32 {
  let block = ((row >> 3u) * blocks + (column >> 3u)) * 16u;
  let half = ((column >> 2u) & 1u) * 8u;
  return ${weights}[block + half + (row & 7u)][column & 3u];
}`;
  },
});
