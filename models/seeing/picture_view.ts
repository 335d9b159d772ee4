/**
 * A picture of a prompt as text reads it: keys of every gated block, and what
 * each latent was made of.
 *
 * @module
 */

import type { Engine } from "../generation/engine.ts";
import type { NamedValue, NamedValues } from "../generation/observer.ts";
import type { PicturePixels } from "../generation/picture_jobs.ts";
import { type VisionStack, WEIGHT_PREFIX } from "../generation/stack.ts";
import { attentionShares, meanOverHeads } from "./attention_shares.ts";
import {
  latentFlow,
  type LatentReading,
  pointwiseFlow,
} from "./latent_flow.ts";

/** A picture, as far as it can be seen into. */
export interface PictureView {
  /** Keys [r, g, k] by full name of the block's weights. */
  readonly keys: NamedValues;
  /**
   * Shares [r, f·n] of features in latents; undefined for a resampler that does
   * not name what it reads.
   */
  readonly flow: Float64Array | undefined;
  /** Frames, f. */
  readonly frames: number;
}

/** Labels of what is read off. */
const TAPS = [
  `${WEIGHT_PREFIX.resampler}reads.*`,
  `${WEIGHT_PREFIX.crossAttention}*media_key`,
];

/** Looks at a picture or video that has `index` others before it. */
export async function pictureView(
  engine: Engine,
  pixels: PicturePixels,
  index: number,
): Promise<PictureView> {
  const eyes = engine.stack.eyes!;
  const values = await engine.observe((observer) =>
    observer.picture(pixels, index, TAPS)
  );
  const frames = pixels.length / (3 * eyes.vision.px ** 2);
  return { keys: keysOf(values), flow: flowOf(eyes, values, frames), frames };
}

function keysOf(values: NamedValues): NamedValues {
  const end = "media_key";
  return new Map(
    [...values].filter(([name]) => name.endsWith(end)).map(([name, value]) => [
      name.slice(0, -end.length),
      value,
    ]),
  );
}

/** From what the resampler names. */
function flowOf(
  { vision: { positions }, resampler: { latents, isPointwise } }: VisionStack,
  values: NamedValues,
  frames: number,
): Float64Array | undefined {
  if (isPointwise) return pointwiseFlow(latents);
  const readings: [at: number, LatentReading][] = [];
  for (const [name, key] of values) {
    const found = /reads\.(\d+)\.(features|latents|both)$/.exec(name);
    if (!found) continue;
    const [, at, of] = found as unknown as [
      string,
      string,
      LatentReading["of"],
    ];
    const query = values.get(`${name.slice(0, -of.length)}query`);
    if (query === undefined) return undefined;
    readings.push([Number(at), { of, shares: sharesOf(query, key) }]);
  }
  if (readings.length === 0) return undefined;
  readings.sort(([a], [b]) => a - b);
  return latentFlow(
    readings.map(([, reading]) => reading),
    { latents, features: frames * positions },
  );
}

function sharesOf(query: NamedValue, key: NamedValue): Float64Array {
  return meanOverHeads(attentionShares(query, [key]));
}
