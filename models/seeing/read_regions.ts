/**
 * From attention over latents to places of pictures.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { NamedValues } from "../generation/observer.ts";
import { type VisionStack, WEIGHT_PREFIX } from "../generation/stack.ts";
import { attentionShares, meanOverHeads } from "./attention_shares.ts";
import type { PictureView } from "./picture_view.ts";

/** What a token, or a word, read of one picture. */
export interface PictureRegion {
  /** Which picture of the prompt, 1 for the first. */
  readonly picture: number;
  /** Its share of the attention to pictures, 0 … 1. */
  readonly share: number;
  /** Cells of the map across and down, m. */
  readonly side: number;
  /**
   * Maps [m · m] of its frames, one for a picture, over the square that the
   * encoder was shown. All cells and `elsewhere` sum to 1. None where the
   * resampler does not tell what it reads.
   */
  readonly maps: readonly (readonly number[])[];
  /** Share of features that have no place, e.g. a class token. */
  readonly elsewhere: number;
}

/** Which attention is looked at. */
export interface ChosenAttention {
  /** Layers that gated blocks precede. Default all. */
  readonly layers?: readonly number[] | undefined;
  /** Heads of these blocks, from 0. Default all. */
  readonly heads?: readonly number[] | undefined;
}

/** Pictures that are seen, by ordinal. */
export type PictureViews = ReadonlyMap<number, PictureView>;

/**
 * What each token read of the pictures that it sees: the mean of the chosen
 * heads and layers. `queries` are those of the tokens' run.
 *
 * @throws {RookeryError} `usage` for layers or heads that there are not
 */
export function readRegions(
  eyes: VisionStack,
  queries: NamedValues,
  views: PictureViews,
  chosen: ChosenAttention = {},
): PictureRegion[][] {
  const { blocks, cache: { heads } } = eyes.crossAttention;
  const layers = blocks.map(({ layer }) => layer);
  checkChosen("layer", chosen.layers ?? layers, layers);
  const all = Array.from({ length: heads }, (_, head) => head);
  checkChosen("head", chosen.heads ?? all, all);
  const read = blocks
    .filter(({ layer }) => (chosen.layers ?? layers).includes(layer))
    .map(({ prefix }) => WEIGHT_PREFIX.crossAttention + prefix)
    .filter((path) => queries.has(`${path}media_query`));
  if (read.length === 0 || views.size === 0) return [];
  const shares = read.map((path) => {
    const query = queries.get(`${path}media_query`)!;
    const keys = [...views.values()].map(({ keys }) => keys.get(path)!);
    return meanOverHeads(attentionShares(query, keys), chosen.heads);
  });
  const tokens = queries.get(`${read[0]}media_query`)!.shape[0]!;
  const width = shares[0]!.length / tokens;
  return Array.from({ length: tokens }, (_, token) => {
    const row = new Float64Array(width);
    for (const block of shares) {
      row.forEach((_, i) => row[i]! += block[token * width + i]! / read.length);
    }
    const latents = width / views.size;
    return [...views].map(([picture, view], i) => {
      const own = row.subarray(i * latents, (i + 1) * latents);
      return regionOf(eyes, { picture, view, shares: own });
    });
  });
}

/** Attention over one picture's latents as a map of its places. */
function regionOf(
  { vision: { positions } }: VisionStack,
  { picture, view: { flow, frames }, shares }: {
    readonly picture: number;
    readonly view: PictureView;
    readonly shares: Float64Array;
  },
): PictureRegion {
  const share = shares.reduce((sum, value) => sum + value, 0);
  // Features that come before the grid have no place: class and registers.
  const side = Math.floor(Math.sqrt(positions));
  const before = positions - side ** 2;
  const maps: number[][] = [];
  let elsewhere = 0;
  for (let frame = 0; flow !== undefined && frame < frames; frame++) {
    const width = frames * positions;
    const map = new Array<number>(side ** 2).fill(0);
    shares.forEach((value, latent) => {
      const from = latent * width + frame * positions;
      for (let n = 0; n < positions; n++) {
        const part = value / share * flow[from + n]!;
        if (n < before) elsewhere += part;
        else map[n - before]! += part;
      }
    });
    maps.push(map);
  }
  return { picture, share, side, maps, elsewhere };
}

function checkChosen(
  what: string,
  chosen: readonly number[],
  known: readonly number[],
): void {
  const wrong = chosen.find((each) => !known.includes(each));
  if (wrong === undefined && chosen.length > 0) return;
  throw new RookeryError(
    "usage",
    `Cannot look at ${what} ${
      wrong ?? "(none)"
    } of the cross-attention as it ` +
      `has ${known.join(", ")}: choose of these`,
    { expected: known, actual: wrong ?? chosen },
  );
}
