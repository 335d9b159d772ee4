/**
 * Formats that weights can be rounded to, for files and for devices.
 *
 * @module
 */

import type { RowTarget } from "./convert_rows.ts";
import { packBf16 } from "./float16.ts";
import { F16_LAYOUT } from "./layouts/f16.ts";
import { F32_LAYOUT } from "./layouts/f32.ts";
import { Q4_1_LAYOUT } from "./layouts/q4_1.ts";
import { Q8_0_LAYOUT } from "./layouts/q8_0.ts";
import { quantizeQ4_0 } from "./quantize_q4_0.ts";
import { FORMAT_BLOCKS } from "./stored_tensor.ts";

/** Formats by name, most precise first. */
export const WEIGHT_FORMATS: readonly WeightFormat[] = Object.freeze([
  "f32",
  "f16",
  "bf16",
  "q8_0",
  "q4_1",
  "q4_0",
]);

/** A format that weights can be rounded to. */
export type WeightFormat = "f32" | "f16" | "bf16" | "q8_0" | "q4_1" | "q4_0";

/** How rows become blocks of a format, rounded as GGML's reference does. */
export function rowTarget(format: WeightFormat): RowTarget {
  return { block: FORMAT_BLOCKS[format].elements, quantize: ROUNDERS[format] };
}

const ROUNDERS: Readonly<Record<WeightFormat, RowTarget["quantize"]>> = {
  f32: F32_LAYOUT.quantize,
  f16: F16_LAYOUT.quantize,
  bf16: (values) => new Uint8Array(packBf16(values).buffer),
  q8_0: Q8_0_LAYOUT.quantize,
  q4_1: Q4_1_LAYOUT.quantize,
  q4_0: quantizeQ4_0,
};
