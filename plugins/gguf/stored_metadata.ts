/**
 * The metadata of a GGUF file as the bytes they are, to be written into another
 * one: what is read gives no way back to the kinds of its numbers.
 *
 * @module
 */

import { ByteCursor } from "../byte_cursor.ts";
import type { GgufValue } from "../gguf_value.ts";
import { RangeFile } from "../range_file.ts";
import { readGgufVersion } from "./header.ts";
import { readMetadata } from "./metadata.ts";

/**
 * Values by key, each with its kind, in the order of the file.
 *
 * @throws {RookeryError} `file` as `openGguf`
 */
export async function storedMetadata(
  path: string,
): Promise<Map<string, GgufValue>> {
  using file = await RangeFile.open(path);
  const cursor = new ByteCursor(file);
  readGgufVersion(cursor);
  cursor.size(); // tensors
  const values = new Map<string, GgufValue>();
  readMetadata(cursor, cursor.size(), (key, start, end) => {
    values.set(key, file.read(start, end));
  });
  return values;
}
