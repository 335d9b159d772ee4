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
 * All sizes of a part: those of its config, else those of its files, else the
 * usual ones.
 *
 * @param part its name, for messages
 * @throws {RookeryError} `config` with the names of all that nobody tells
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
  if (lacking.length === 0) return Object.fromEntries(sizes) as C;
  throw new RookeryError(
    "config",
    `Cannot build ${part} as neither its section of the config nor its ` +
      `weights say ${lacking.join(", ")}: use weights that tell their sizes, ` +
      "such as a folder with config.json, or write the sizes into the config",
    { path: part, actual: lacking },
  );
}
