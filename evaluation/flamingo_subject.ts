/**
 * A Flamingo under evaluation.
 *
 * @module
 */

import {
  describeAll,
  type Flamingo,
  type Picture,
  RookeryError,
} from "../mod.ts";
import { rankPrompts } from "./rank_prompts.ts";
import type { Subject } from "./subject.ts";

/** Longer than any label of the lists. */
const MOST_TOKENS = 24;

/** Pictures that are encoded together. */
const ENCODED = 4;

/** Asks a model; throws a `usage` error for one without eyes. */
export function flamingoSubject(model: Flamingo): Subject {
  const { engine, image } = model;
  if (image === undefined) {
    throw new RookeryError(
      "usage",
      "Cannot evaluate a language model without vision: name a Flamingo config",
    );
  }
  const pixelsOf = async (path: string) =>
    image.process(await image.read(path) as Picture);
  return {
    write: (requests) =>
      describeAll(
        model,
        requests.map(({ examples, image, question }) => ({
          query: question === undefined ? { image } : { image, question },
          shots: examples,
        })),
        { maxTokens: MOST_TOKENS },
      ),
    rank: (requests) => rankPrompts(model, requests),
    features: async (paths) => {
      const means: Float32Array[] = [];
      for (let at = 0; at < paths.length; at += ENCODED) {
        const group = paths.slice(at, at + ENCODED);
        const pixels = await Promise.all(group.map(pixelsOf));
        const { features } = await engine.describePictures(pixels);
        means.push(
          ...meansOf(features, group.length, engine.stack.eyes!.vision),
        );
      }
      return means;
    },
  };
}

/** [t, n, d] → t means [d] over positions. */
function meansOf(
  features: Float32Array,
  count: number,
  { positions, width }: { readonly positions: number; readonly width: number },
): Float32Array[] {
  return Array.from({ length: count }, (_, t) => {
    const mean = new Float32Array(width);
    for (let n = 0; n < positions; n++) {
      const from = (t * positions + n) * width;
      for (let d = 0; d < width; d++) mean[d]! += features[from + d]!;
    }
    return mean.map((sum) => sum / positions);
  });
}
