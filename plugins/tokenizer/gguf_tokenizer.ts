/**
 * The tokenizer of a folder as the metadata of a GGUF file.
 *
 * @module
 */

import type { GgufValue } from "../gguf_value.ts";

/** placeholder */
export function ggufTokenizer(
  _folder: string,
  _vocabulary: number,
): Promise<ReadonlyMap<string, GgufValue> | undefined> {
  return Promise.resolve(undefined);
}
