/**
 * Writes GGUF files of version 3, one tensor after another.
 *
 * @module
 */

import type { StoredFormat } from "../../core/stored_tensor.ts";
import { quoted } from "../cannot_read.ts";
import { ggufText, ggufU32, type GgufValue } from "../gguf_value.ts";
import { tensorBytes } from "../stored_range.ts";
import {
  cannotWrite,
  type TensorToWrite,
  writeTensor,
} from "../tensor_to_write.ts";
import { writeBytes, writeWhole } from "../whole_file.ts";
import { GGUF_MAGIC, MAX_AXES } from "./header.ts";
import { GGUF_FORMATS } from "./types.ts";

const VERSION = 3;

/** Tensors start at multiples of it; what the format says where no key does. */
const ALIGNMENT = 32;

/** The key that would say another alignment. */
const ALIGNMENT_KEY = "general.alignment";

/**
 * Writes a file: first beside its place, then moved there, so that no reader
 * sees half of it. Shapes are in PyTorch's order.
 *
 * @param metadata by key, in the order of the file; `general.alignment` is
 * left out
 * @throws {RookeryError} `usage` for a name given twice, a format that GGUF
 * does not have, more than four axes, or data whose length does not fit its
 * shape
 */
export async function writeGguf(
  path: string,
  tensors: Iterable<TensorToWrite>,
  metadata: ReadonlyMap<string, GgufValue>,
): Promise<void> {
  const listed = [...tensors];
  const header = headerBytes(path, listed, metadata);
  await writeWhole(path, async (file) => {
    await writeBytes(file, header);
    for (const tensor of listed) {
      await writeTensor(file, path, tensor);
      const { name, shape, format } = tensor;
      const end = tensorBytes(path, name, shape, format);
      await writeBytes(file, new Uint8Array(aligned(end) - end));
    }
  });
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function headerBytes(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: ReadonlyMap<string, GgufValue>,
): Uint8Array<ArrayBuffer> {
  const pairs = [...metadata].filter(([key]) => key !== ALIGNMENT_KEY);
  const parts = [
    unkeyed(ggufU32(GGUF_MAGIC)),
    unkeyed(ggufU32(VERSION)),
    count(tensors.length),
    count(pairs.length),
    ...pairs.flatMap(([key, value]) => [unkeyed(ggufText(key)), value]),
    ...entries(path, tensors),
  ];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(aligned(length));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function entries(
  path: string,
  tensors: readonly TensorToWrite[],
): Uint8Array[] {
  const names = new Set<string>();
  let start = 0;
  return tensors.flatMap(({ name, shape, format }) => {
    if (names.has(name)) {
      throw cannotWrite(path, `the name ${quoted(name)} is taken`);
    }
    names.add(name);
    if (shape.length > MAX_AXES) {
      throw cannotWrite(
        path,
        `tensor ${quoted(name)} has ${shape.length} axes: at most ` +
          `${MAX_AXES} are allowed`,
        { expected: MAX_AXES, actual: shape.length },
      );
    }
    const begin = start;
    start += aligned(tensorBytes(path, name, shape, format));
    return [
      unkeyed(ggufText(name)),
      unkeyed(ggufU32(shape.length)),
      // The file lists the fastest axis first.
      ...shape.toReversed().map(count),
      unkeyed(ggufU32(typeOf(path, name, format))),
      count(begin),
    ];
  });
}

function typeOf(path: string, name: string, format: StoredFormat): number {
  const found = GGUF_FORMATS.entries().find(([, known]) => known === format);
  if (found !== undefined) return found[0];
  throw cannotWrite(
    path,
    `tensor ${quoted(name)} has the format ${format}: GGUF files hold ` +
      [...GGUF_FORMATS.values()].join(", "),
    { expected: [...GGUF_FORMATS.values()], actual: format },
  );
}

/** A value as it stands outside of metadata, where its kind is known. */
function unkeyed(value: GgufValue): Uint8Array {
  return value.subarray(4);
}

/** A count or an offset: 64 bits. */
function count(value: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}
