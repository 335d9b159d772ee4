/**
 * Sizes of a part, from its section of the config and from its files.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";

/** Sizes as far as somebody tells them. */
export type KnownSizes<C> = {
  readonly [K in keyof C]?: C[K] | undefined;
};

/** What `completedSizes` completes. */
export interface SizesToComplete<C> {
  /** Sizes that the config gives; its keys are all that are needed. */
  readonly given: { readonly [K in keyof C]: C[K] | undefined };
  /** Sizes that the files tell. */
  readonly found: KnownSizes<C>;
  /** Sizes where neither says any. */
  readonly usual?: KnownSizes<C>;
}

/**
 * More than any model has, so that a damaged file is refused before tables of
 * such sizes are made.
 */
const MOST: Readonly<Record<string, number>> = {
  layers: 1 << 12,
  heads: 1 << 16,
  kvHeads: 1 << 16,
  headDim: 1 << 16,
  rotaryDims: 1 << 16,
  context: 1 << 24,
  width: 1 << 20,
  embeddingWidth: 1 << 20,
  ffnWidth: 1 << 24,
  vocabulary: 1 << 24,
  px: 1 << 16,
  patchPx: 1 << 16,
};

/** Numbers in a table of positions: four million tokens, heads of 128. */
const MOST_POSITIONS = 1 << 29;

/**
 * All sizes of a part: those of its config, else those of its files, else the
 * usual ones.
 *
 * @param part its name, for messages
 * @throws {RookeryError} `config` with the names of all that nobody tells, or
 * of a size that no model has
 */
export function completedSizes<C extends object>(
  part: string,
  { given, found, usual = {} }: SizesToComplete<C>,
): C {
  const keys = Object.keys(given) as (keyof C)[];
  const sizes = new Map(
    keys.map((key) => [key, given[key] ?? found[key] ?? usual[key]]),
  );
  const lacking = keys.filter((key) => sizes.get(key) === undefined);
  if (lacking.length === 0) {
    for (const [key, size] of sizes) checkSize(part, String(key), size);
    const complete = Object.fromEntries(sizes) as C;
    checkPositions(part, complete);
    return complete;
  }
  throw new RookeryError(
    "config",
    `Cannot build ${part} as neither its section of the config nor its ` +
      `weights say ${lacking.join(", ")}: use weights that tell their sizes, ` +
      "such as a folder with config.json, or write the sizes into the config",
    { path: part, actual: lacking },
  );
}

function checkSize(part: string, key: string, size: unknown): void {
  const most = MOST[key];
  if (most === undefined) return;
  const isSize = Number.isSafeInteger(size) && size as number >= 1 &&
    size as number <= most;
  if (isSize) return;
  throw new RookeryError(
    "config",
    `Cannot build ${part} as its ${key} is ${size}: it must be a whole ` +
      `number from 1 to ${most}`,
    { path: part, expected: most, actual: size },
  );
}

function checkPositions(
  part: string,
  { context = 0, rotaryDims, headDim = 0 }: {
    readonly context?: number;
    readonly rotaryDims?: number;
    readonly headDim?: number;
  },
): void {
  const count = context * (rotaryDims ?? headDim);
  if (count <= MOST_POSITIONS) return;
  throw new RookeryError(
    "config",
    `Cannot build ${part} as its context of ${context} tokens makes a table ` +
      `of ${count} numbers: at most ${MOST_POSITIONS} are taken, so give a ` +
      "shorter context in the config",
    { path: part, expected: MOST_POSITIONS, actual: count },
  );
}
