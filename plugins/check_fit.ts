/**
 * Whether built parts fit each other, by the sizes that they state.
 *
 * @module
 */

import type { BuiltParts } from "./built_parts.ts";
import type { Misfits } from "./misfits.ts";

/** The parts whose sizes are compared. */
export type FittedParts = Omit<BuiltParts, "marks" | "stops">;

/** Two sizes that must be equal. */
interface Pair {
  readonly path: string;
  readonly what: string;
  readonly actual: number;
  readonly expected: number;
  readonly whose: string;
}

/** Reports every misfit between the parts that are there. */
export function checkFit(parts: FittedParts, misfits: Misfits): void {
  for (const { path, what, actual, expected, whose } of pairsOf(parts)) {
    if (actual === expected) continue;
    misfits.add(
      path,
      `its ${what} is ${actual}: ${whose} ${expected}; make them equal`,
    );
  }
  checkBlocks(parts, misfits);
  const { tokenizer, language } = parts;
  if (!tokenizer || !language) return;
  if (tokenizer.vocabularySize <= language.value.vocabulary) return;
  misfits.add(
    "tokenizer",
    `it has ${tokenizer.vocabularySize} tokens: the language model ` +
      `${language.part.name} has ${language.value.vocabulary}; use the ` +
      "tokenizer it was trained with",
  );
}

function pairsOf(
  { vision, resampler, crossAttention, image }: FittedParts,
): Pair[] {
  const pairs: Pair[] = [];
  if (vision && resampler) {
    const { inputWidth, inputPositions } = resampler.value;
    const whose = `${vision.part.name} gives`;
    pairs.push({
      path: "resampler",
      what: "input width",
      actual: inputWidth,
      expected: vision.value.width,
      whose,
    }, {
      path: "resampler",
      what: "number of input positions",
      actual: inputPositions ?? vision.value.positions,
      expected: vision.value.positions,
      whose,
    });
  }
  if (resampler && crossAttention) {
    const whose = `${resampler.part.name} gives`;
    pairs.push({
      path: "crossAttention",
      what: "width of latents",
      actual: crossAttention.value.mediaWidth,
      expected: resampler.value.width,
      whose,
    }, {
      path: "crossAttention",
      what: "number of latents",
      actual: crossAttention.value.cache.latents,
      expected: resampler.value.latents,
      whose,
    });
  }
  if (vision && image) {
    pairs.push({
      path: "image",
      what: "side in pixels",
      actual: image.value.px,
      expected: vision.value.px,
      whose: `${vision.part.name} wants`,
    });
  }
  return pairs;
}

function checkBlocks(
  { language, crossAttention }: FittedParts,
  misfits: Misfits,
): void {
  if (!crossAttention) return;
  const layers = crossAttention.value.blocks.map(({ layer }) => layer);
  const count = language?.value.blocks.length ?? Infinity;
  const outside = layers.filter((layer) => layer >= count);
  const isRising = layers.every((layer, i) =>
    i === 0 || layer > layers[i - 1]!
  );
  if (layers.length === 0) {
    misfits.add(
      "crossAttention",
      `no gated block has a place among ${count} layers: lower every or first`,
    );
  }
  if (!isRising) {
    misfits.add(
      "crossAttention.layers",
      `they are ${layers.join(", ")}: each layer once, by rising number`,
    );
  }
  if (outside.length > 0) {
    misfits.add(
      "crossAttention.layers",
      `${outside.join(", ")} ${outside.length === 1 ? "is" : "are"} not ` +
        `among the language model's layers 0 to ${count - 1}`,
    );
  }
}
