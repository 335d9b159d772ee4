/**
 * Tensors on their way into a file, whatever its format.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { StoredFormat } from "../core/stored_tensor.ts";
import { quoted } from "./cannot_read.ts";
import { tensorBytes } from "./stored_range.ts";
import { writeBytes } from "./whole_file.ts";

/** A tensor to write. */
export interface TensorToWrite {
  /** Name in the file; each only once. */
  readonly name: string;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Number format. */
  readonly format: StoredFormat;
  /** Row-major little-endian bytes, whole or in pieces. */
  readonly data: Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * Writes the bytes of a tensor where the file stands.
 *
 * @param path of the file, for messages
 * @throws {RookeryError} `usage` for data whose length does not fit the shape
 */
export async function writeTensor(
  file: Deno.FsFile,
  path: string,
  { name, shape, format, data }: TensorToWrite,
): Promise<void> {
  const expected = tensorBytes(path, name, shape, format);
  let written = 0;
  for await (const piece of data instanceof Uint8Array ? [data] : data) {
    written += piece.length;
    if (written > expected) break;
    await writeBytes(file, piece);
  }
  if (written === expected) return;
  throw cannotWrite(
    path,
    `the data of tensor ${quoted(name)} do not fit its shape ` +
      `${quoted(shape)} and format ${format}: ${expected} bytes are ` +
      `needed, ${written} were given`,
    { expected, actual: written },
  );
}

/** Error with code `usage`: "Cannot write PATH as REASON". */
export function cannotWrite(
  path: string,
  reason: string,
  facts: { readonly expected?: unknown; readonly actual?: unknown } = {},
): RookeryError {
  return new RookeryError("usage", `Cannot write ${path} as ${reason}`, {
    path,
    ...facts,
  });
}
