/**
 * The layout of each weight in a precision, before there are tensors.
 *
 * @module
 */

import type { PackedLayout } from "../core/layouts/layout.ts";
import { layoutNamed } from "../core/layouts/layout_named.ts";
import type { WeightNeed } from "../core/program.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import type { BuiltParts } from "./built_parts.ts";
import { hasTokenRows } from "./has_token_rows.ts";
import { vocabularyDtype } from "./load_weights.ts";
import { PLANNED_LAYOUTS, type PlannedDtype } from "./model_plan.ts";

/** As `loadWeights` would lay it out where `dtype` is the same for all parts. */
export function plannedLayout(
  need: WeightNeed,
  dtype: PlannedDtype,
  { language, text }: Pick<BuiltParts, "language" | "text">,
): PackedLayout {
  const name = PLANNED_LAYOUTS[dtype];
  const of = (prefix: string): boolean => need.name.startsWith(prefix);
  const isVocabulary =
    of(WEIGHT_PREFIX.language) && hasTokenRows(need, language?.value) ||
    of(WEIGHT_PREFIX.text) && hasTokenRows(need, text?.value);
  return layoutNamed(isVocabulary ? vocabularyDtype(name) : name);
}
