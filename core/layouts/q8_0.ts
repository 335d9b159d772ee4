/**
 * Weights of 8 bits with an f16 scale per 32: per tile and block two planes
 * of `[8 rows] vec4<u32>` (16 signed bytes a lane each, in stored order), then
 * the 8 scales. A block of 8 rows is 272 bytes, as in the file.
 *
 * @module
 */

import { f32ToF16 } from "../float16.ts";
import type { DecodeOptions, PackedLayout } from "./layout.ts";
import { defineLayout } from "./tiles.ts";

/** 8-bit weights in blocks of 32; 8.5 bits each. */
export const Q8_0_LAYOUT: PackedLayout = defineLayout({
  name: "q8_0",
  block: 32,
  element: "vec4<u32>",
  unitBytes: 2,
  pieces: [
    { source: 0, target: 128, units: 1 },
    { source: 1, target: 0, units: 8 },
    { source: 9, target: 64, units: 8 },
  ],
  quantize: quantizeQ8_0,
  decode: decodeQ8_0,
  at(weights: string): string {
    return `fn ${weights}_at(row: u32, column: u32, blocks: u32) -> f32 {
  let block = ((row >> 3u) * blocks + (column >> 5u)) * 17u;
  let lane = row & 7u;
  let half = ((column >> 4u) & 1u) * 8u;
  let word = ${weights}[block + half + lane][(column >> 2u) & 3u];
  let level = bitcast<i32>(word << (24u - 8u * (column & 3u))) >> 24u;
  let scale = unpack2x16float(${weights}[block + 16u][lane >> 1u])[lane & 1u];
  return f32(level) * scale;
}`;
  },
});

function decodeQ8_0({ weights, at, lane, prefix }: DecodeOptions): string {
  const p = prefix;
  const lines = [
    `let ${p}a = bitcast<vec4<i32>>(${weights}[${at} + ${lane}]);`,
    `let ${p}b = bitcast<vec4<i32>>(${weights}[${at} + 8u + ${lane}]);`,
    `let ${p}h = unpack2x16float(${weights}[${at} + 16u][${lane} >> 1u]);`,
    `let ${p}s = select(${p}h.x, ${p}h.y, (${lane} & 1u) == 1u);`,
  ];
  for (let i = 0; i < 8; i++) {
    const word = `${p}${i < 4 ? "a" : "b"}.${"xyzw"[i % 4]}`;
    const bytes = [24, 16, 8].map((shift) => `(${word} << ${shift}u) >> 24u`);
    const levels = [...bytes, `${word} >> 24u`].map((text) => `f32(${text})`);
    lines.push(`let ${p}${i} = vec4<f32>(${levels.join(", ")}) * ${p}s;`);
  }
  return lines.join("\n");
}

/**
 * Blocks of Q8_0: scale = largest magnitude / 127, levels rounded half away
 * from zero with the scale before its own rounding to f16.
 */
function quantizeQ8_0(
  values: Float32Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const blocks = values.length / 32;
  const out = new Uint8Array(blocks * 34);
  for (let b = 0; b < blocks; b++) {
    let largest = 0;
    for (let i = 0; i < 32; i++) {
      largest = Math.max(largest, Math.abs(values[b * 32 + i]!));
    }
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const bits = f32ToF16(scale), at = b * 34;
    out[at] = bits;
    out[at + 1] = bits >> 8;
    for (let i = 0; i < 32; i++) {
      const level = Math.fround(values[b * 32 + i]! * inverse);
      out[at + 2 + i] = Math.trunc(level + (level < 0 ? -0.5 : 0.5));
    }
  }
  return out;
}
