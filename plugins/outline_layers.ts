/**
 * The layers of a model in outline, one by one, with the gated blocks before
 * them: what a picture of the stack is drawn from.
 *
 * @module
 */

import type { WeightNeed } from "../core/program.ts";
import { sizeOf } from "../core/shape.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import type { ModelOutline } from "./outline_model.ts";
import { partNeeds } from "./part_needs.ts";

/** One layer of a language model. */
export interface LayerOutline {
  /** Its index. */
  readonly layer: number;
  /** What kind of block it is: the name of its template. */
  readonly kind: string;
  /** Its parameters. */
  readonly parameters: number;
  /** Parameters of the gated block before it; undefined without one. */
  readonly gated: number | undefined;
}

/** The layers in order; none for a model without a language model. */
export function outlineLayers({ parts }: ModelOutline): LayerOutline[] {
  const { language, crossAttention } = parts;
  if (language === undefined) return [];
  const own = partNeeds("language", parts);
  const gated = crossAttention ? partNeeds("crossAttention", parts) : [];
  const gates = new Map(
    crossAttention?.value.blocks.map(({ layer, prefix }) => [
      layer,
      parametersBelow(WEIGHT_PREFIX.crossAttention + prefix, gated),
    ]),
  );
  return language.value.blocks.map(({ template, prefix }, layer) => ({
    layer,
    kind: template.name,
    parameters: parametersBelow(WEIGHT_PREFIX.language + prefix, own),
    gated: gates.get(layer),
  }));
}

function parametersBelow(prefix: string, needs: readonly WeightNeed[]): number {
  return needs.filter(({ name }) => name.startsWith(prefix))
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
