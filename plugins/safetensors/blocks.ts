/**
 * Quantised tensors in safetensors files, which have no dtype for them: a U8
 * tensor of the blocks, a row of it for each row of the tensor, its last block
 * filled up, and an entry in the header's `__metadata__` that says what they are.
 * Other programs see plain bytes.
 *
 *     "rookery.blocks": "{\"NAME\":{\"format\":\"q8_0\",\"shape\":[576,1536]}}"
 *
 * @module
 */

import { isSameShape } from "../../core/shape.ts";
import { FORMAT_BLOCKS, type StoredFormat } from "../../core/stored_tensor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { asObject } from "../json_file.ts";
import { tensorBytes } from "../stored_range.ts";

/** Key of `__metadata__`; its value is JSON: tensors by name. */
export const BLOCKS_KEY = "rookery.blocks";

/** Formats that are written this way. */
export const BLOCK_FORMATS: readonly StoredFormat[] =
  (Object.keys(FORMAT_BLOCKS) as StoredFormat[])
    .filter((format) => FORMAT_BLOCKS[format].elements > 1);

/** A quantised tensor, as an entry says. */
export interface BlockTensor {
  /** Format of its blocks. */
  readonly format: StoredFormat;
  /** Sizes in elements, outermost first. */
  readonly shape: readonly number[];
}

/** Sizes of the U8 tensor that holds a tensor's blocks. */
export function shapeInBytes({ format, shape }: BlockTensor): number[] {
  const { elements, bytes } = FORMAT_BLOCKS[format];
  const blocks = Math.ceil(shape.at(-1)! / elements);
  return [...shape.slice(0, -1), blocks * bytes];
}

/**
 * Gives the tensors that `__metadata__` says are quantised their true shape and
 * format, and leaves the others alone.
 *
 * @param metadata the header's `__metadata__`
 * @throws {RookeryError} `file` for entries that are malformed, are of no
 * tensor, or do not fit its bytes
 */
export function withBlocks<E extends BlockTensor & { readonly name: string }>(
  path: string,
  entries: readonly E[],
  metadata: Readonly<Record<string, string>>,
): E[] {
  const blocks = readBlocks(path, metadata[BLOCKS_KEY]);
  const names = new Set(entries.map(({ name }) => name));
  const lost = blocks.keys().find((name) => !names.has(name));
  if (lost !== undefined) {
    throw malformed(path, `names ${quoted(lost)}: there is no such tensor`);
  }
  return entries.map((entry) => {
    const block = blocks.get(entry.name);
    if (block === undefined) return entry;
    checkBytes(path, entry, block);
    const sizeBytes = tensorBytes(path, entry.name, entry.shape, entry.format);
    return { ...entry, ...block, sizeBytes };
  });
}

function readBlocks(
  path: string,
  text: string | undefined,
): Map<string, BlockTensor> {
  if (text === undefined) return new Map();
  const tensors = asObject(parsed(path, text));
  if (tensors === undefined) throw malformed(path, "is not a JSON object");
  return new Map(
    Object.entries(tensors)
      .map(([name, entry]) => [name, readBlock(path, name, entry)]),
  );
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(path, `is no JSON: ${quoted(text)}`, cause);
  }
}

function readBlock(path: string, name: string, entry: unknown): BlockTensor {
  const { format, shape, ...rest } = asObject(entry) ?? {};
  const isShape = Array.isArray(shape) && shape.length > 0 &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape || Object.keys(rest).length > 0) {
    throw malformed(
      path,
      `has for ${quoted(name)} ${quoted(entry)}: it must be a format and a ` +
        "shape of at least one axis",
    );
  }
  const known = BLOCK_FORMATS.find((each) => each === format);
  if (known !== undefined) return { format: known, shape };
  throw malformed(
    path,
    `has for ${quoted(name)} the format ${quoted(format)}: known are ` +
      BLOCK_FORMATS.join(", "),
  );
}

function checkBytes(
  path: string,
  { name, format, shape }: BlockTensor & { readonly name: string },
  block: BlockTensor,
): void {
  const expected = shapeInBytes(block);
  if (format === "u8" && isSameShape(shape, expected)) return;
  throw malformed(
    path,
    `says that ${quoted(name)} is ${block.format} of shape ` +
      `${quoted(block.shape)}, for which it must be u8 of shape ` +
      `${quoted(expected)}: it is ${format} of shape ${quoted(shape)}`,
  );
}

function malformed(path: string, reason: string, cause?: unknown): Error {
  return cannotRead(path, `${BLOCKS_KEY} in its __metadata__ ${reason}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
