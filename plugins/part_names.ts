/**
 * Files whose tensors already have the names and the form that a part's
 * templates use, so that the part renames and derives none: they say so in
 * their metadata.
 *
 * @module
 */

import type { Checkpoint } from "../core/stored_tensor.ts";
import { cannotRead, quoted } from "./cannot_read.ts";

const KEY = "rookery.names", VALUE = "parts";

/** Metadata of such files. */
export const PART_NAMES: Readonly<Record<string, string>> = Object.freeze({
  [KEY]: VALUE,
});

/**
 * Whether a file is one.
 *
 * @throws {RookeryError} `file` for names that are not known here
 */
export function hasPartNames(
  { path, metadata }: Pick<Checkpoint, "path" | "metadata">,
): boolean {
  const value = metadata[KEY];
  if (value === undefined || value === VALUE) return value === VALUE;
  throw cannotRead(
    path,
    `${KEY} in its metadata is ${quoted(value)}: only ${quoted(VALUE)} is ` +
      "known",
    { expected: VALUE, actual: value },
  );
}
