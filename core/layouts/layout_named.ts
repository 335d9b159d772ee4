/**
 * Layouts by name, for configs and command lines.
 *
 * @module
 */

import { RookeryError } from "../errors.ts";
import { F16_LAYOUT } from "./f16.ts";
import { F32_LAYOUT } from "./f32.ts";
import type { PackedLayout } from "./layout.ts";
import { Q4_1_LAYOUT } from "./q4_1.ts";
import { Q8_0_LAYOUT } from "./q8_0.ts";

/** All layouts, most precise first. */
export const LAYOUTS: readonly PackedLayout[] = [
  F32_LAYOUT,
  F16_LAYOUT,
  Q8_0_LAYOUT,
  Q4_1_LAYOUT,
];

/** The layout of that name; throws a `dtype` error where there is none. */
export function layoutNamed(name: string): PackedLayout {
  const layout = LAYOUTS.find((each) => each.name === name);
  if (layout !== undefined) return layout;
  const names = LAYOUTS.map((each) => each.name).join(", ");
  throw new RookeryError(
    "dtype",
    `Cannot lay out weights as "${name}": choose one of ${names}`,
    { expected: names, actual: name },
  );
}
