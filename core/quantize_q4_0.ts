/**
 * Blocks of Q4_0, which devices keep as Q4_1: no layout has them.
 *
 * @module
 */

import { f32ToF16 } from "./float16.ts";

/** Elements and bytes of a block. */
const ELEMENTS = 32, BYTES = 18;

/**
 * Blocks of Q4_0 from values in f32, rounded as GGML's reference quantiser
 * does: scale = the value of largest magnitude / −8, levels rounded half up
 * with the scale before its own rounding to f16.
 *
 * @param values whole blocks of 32
 */
export function quantizeQ4_0(
  values: Float32Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const blocks = values.length / ELEMENTS;
  const out = new Uint8Array(blocks * BYTES);
  for (let b = 0; b < blocks; b++) {
    const from = b * ELEMENTS, to = b * BYTES;
    let largest = 0;
    for (let i = from; i < from + ELEMENTS; i++) {
      if (Math.abs(values[i]!) > Math.abs(largest)) largest = values[i]!;
    }
    const scale = Math.fround(largest / -8);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const bits = f32ToF16(scale);
    out[to] = bits;
    out[to + 1] = bits >> 8;
    for (let i = 0; i < 16; i++) {
      const low = level(values[from + i]!, inverse);
      out[to + 2 + i] = low | (level(values[from + 16 + i]!, inverse) << 4);
    }
  }
  return out;
}

function level(value: number, inverse: number): number {
  const raised = Math.fround(Math.fround(value * inverse) + 8.5);
  return Math.min(15, Math.trunc(raised));
}
