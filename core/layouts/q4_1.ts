/**
 * Weights of 4 bits with an f16 scale and an f16 minimum per 32: per tile and
 * block `[8 rows] vec4<u32>` (16 bytes a lane in stored order: low nibbles are
 * columns 0-15, high nibbles 16-31), then 8 words of scale and minimum. A
 * block of 8 rows is 160 bytes, as in the file.
 *
 * @module
 */

import { f32ToF16 } from "../float16.ts";
import type { DecodeOptions, PackedLayout } from "./layout.ts";
import { defineLayout } from "./tiles.ts";

/** 4-bit weights in blocks of 32; 5 bits each. */
export const Q4_1_LAYOUT: PackedLayout = defineLayout({
  name: "q4_1",
  block: 32,
  element: "vec4<u32>",
  unitBytes: 4,
  pieces: [
    { source: 0, target: 32, units: 1 },
    { source: 1, target: 0, units: 4 },
  ],
  quantize: quantizeQ4_1,
  decode: decodeQ4_1,
  at(weights: string): string {
    return `fn ${weights}_at(row: u32, column: u32, blocks: u32) -> f32 {
  let block = ((row >> 3u) * blocks + (column >> 5u)) * 10u;
  let lane = row & 7u;
  let word = ${weights}[block + lane][(column >> 2u) & 3u];
  let shift = (column & 3u) * 8u + ((column >> 4u) & 1u) * 4u;
  let s = unpack2x16float(${weights}[block + 8u + (lane >> 2u)][lane & 3u]);
  return f32((word >> shift) & 15u) * s.x + s.y;
}`;
  },
});

function decodeQ4_1({ weights, at, lane, prefix }: DecodeOptions): string {
  const p = prefix;
  const scales = `${weights}[${at} + 8u + (${lane} >> 2u)][${lane} & 3u]`;
  const lines = [
    `let ${p}q = ${weights}[${at} + ${lane}];`,
    `let ${p}s = unpack2x16float(${scales});`,
  ];
  for (let i = 0; i < 8; i++) {
    const word = `${p}q.${"xyzw"[i % 4]}`;
    // Signed, as a conversion from u32 costs more on processors.
    const levels = [0, 8, 16, 24].map((shift) =>
      `f32(bitcast<i32>((${word} >> ${shift + (i < 4 ? 0 : 4)}u) & 15u))`
    );
    const scaled = `vec4<f32>(${levels.join(", ")}) * ${p}s.x`;
    lines.push(`let ${p}${i} = ${scaled} + vec4<f32>(${p}s.y);`);
  }
  return lines.join("\n");
}

/**
 * Blocks of Q4_1: scale = (max - min) / 15, levels rounded half up with the
 * scale and the minimum before their own rounding to f16.
 */
function quantizeQ4_1(
  values: Float32Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const blocks = values.length / 32;
  const out = new Uint8Array(blocks * 20);
  const view = new DataView(out.buffer);
  for (let b = 0; b < blocks; b++) {
    const block = values.subarray(b * 32, b * 32 + 32);
    let least = Infinity, most = -Infinity;
    for (const value of block) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    const scale = Math.fround(Math.fround(most - least) / 15);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    view.setUint16(b * 20, f32ToF16(scale), true);
    view.setUint16(b * 20 + 2, f32ToF16(least), true);
    for (let i = 0; i < 16; i++) {
      const low = level(block[i]!, least, inverse);
      out[b * 20 + 4 + i] = low | (level(block[16 + i]!, least, inverse) << 4);
    }
  }
  return out;
}

function level(value: number, least: number, inverse: number): number {
  const scaled = Math.fround(Math.fround(value - least) * inverse);
  return Math.min(15, Math.trunc(Math.fround(scaled + 0.5)));
}
