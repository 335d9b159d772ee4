/**
 * Sizes of the published DINOv2 models.
 *
 * @module
 */

import type { Dinov2Config } from "../../models/vision/dinov2.ts";
import type { KnownSizes } from "../completed_sizes.ts";

/** Published sizes, with the side of a patch. */
export const DINOV2_NAMES = ["S/14", "B/14", "L/14", "g/14"] as const;

/** Width, layers, heads and feed-forward width of each. */
const SIZES = {
  "S/14": [384, 12, 6, 1536],
  "B/14": [768, 12, 12, 3072],
  "L/14": [1024, 24, 16, 4096],
  "g/14": [1536, 40, 24, 4096],
} as const;

/** Sizes of a published model; pictures as large as in its training. */
export function dinov2Named(
  name: typeof DINOV2_NAMES[number],
): KnownSizes<Dinov2Config> {
  const [width, layers, heads, ffnWidth] = SIZES[name];
  const activation = name === "g/14" ? "swiglu" : "gelu";
  return { px: 518, patchPx: 14, width, layers, heads, ffnWidth, activation };
}
