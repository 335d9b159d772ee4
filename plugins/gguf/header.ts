/**
 * The header of a GGUF file: magic, version, metadata and the list of tensors.
 * Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * @module
 */
import type { StoredFormat } from "../../core/stored_tensor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { ByteCursor } from "../byte_cursor.ts";
import type { RangeFile } from "../range_file.ts";
import type { TensorEntry } from "../stored_range.ts";
import { readMetadata } from "./metadata.ts";
import { GGUF_FORMATS, GGUF_OTHER_TYPES } from "./types.ts";

/** Letters `GGUF` as a little-endian number. */
export const GGUF_MAGIC = 0x46554747;

/** Axes that the format allows. */
export const MAX_AXES = 4;

/** A tensor's entry takes at least name length, axes, type and offset. */
const LEAST_ENTRY_BYTES = 24;

/** What a GGUF header says. */
export interface GgufHeader {
  /** 2 or 3. */
  readonly version: number;
  /** Metadata by key. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Tensors in file order; shapes outermost first, starts in file bytes. */
  readonly entries: readonly TensorEntry[];
}

/**
 * Reads the header.
 *
 * @throws {RookeryError} `file` for anything the format does not allow or that
 * is not read here: other versions, big-endian files, other tensor types
 */
export function readGgufHeader(file: RangeFile): GgufHeader {
  const cursor = new ByteCursor(file);
  const version = readGgufVersion(cursor);
  const tensorCount = cursor.size();
  const metadata = readMetadata(cursor, cursor.size());
  const alignment = alignmentOf(file.path, metadata);
  cursor.require(
    tensorCount * LEAST_ENTRY_BYTES,
    `a list of ${tensorCount} tensors`,
  );
  const names = new Set<string>();
  const relative: TensorEntry[] = [];
  for (let i = 0; i < tensorCount; i++) {
    const entry = readEntry(cursor, alignment);
    if (names.has(entry.name)) {
      throw cannotRead(
        file.path,
        `the tensor ${quoted(entry.name)} is there twice`,
      );
    }
    names.add(entry.name);
    relative.push(entry);
  }
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  const entries = relative.map((entry) => ({
    ...entry,
    start: entry.start + dataStart,
  }));
  return { version, metadata, entries };
}

/**
 * Reads the magic and the version, 2 or 3.
 *
 * @throws {RookeryError} `file` for any other
 */
export function readGgufVersion(cursor: ByteCursor): number {
  const magic = cursor.u32();
  if (magic !== GGUF_MAGIC) {
    throw cannotRead(cursor.path, "it does not begin with the letters GGUF");
  }
  const version = cursor.u32();
  if (version !== 2 && version !== 3) {
    const isBigEndian = version !== 0 && (version & 0xffff) === 0;
    throw cannotRead(
      cursor.path,
      isBigEndian
        ? "it is a big-endian GGUF file: convert it to little-endian"
        : `it has GGUF version ${version}: versions 2 and 3 are read`,
      { expected: [2, 3], actual: version },
    );
  }
  return version;
}

function alignmentOf(
  path: string,
  metadata: Readonly<Record<string, unknown>>,
): number {
  const value = metadata["general.alignment"] ?? 32;
  const isPower = typeof value === "number" && value >= 1 &&
    value <= 1 << 30 && Number.isInteger(Math.log2(value));
  if (!isPower) {
    throw cannotRead(
      path,
      `general.alignment is ${quoted(value)}: it must be a power of two`,
      { actual: value },
    );
  }
  return value;
}

function readEntry(cursor: ByteCursor, alignment: number): TensorEntry {
  const name = cursor.text(cursor.size(), "a tensor's name");
  const axes = cursor.u32();
  if (axes > MAX_AXES) {
    throw cannotRead(
      cursor.path,
      `tensor ${quoted(name)} has ${axes} axes: at most ${MAX_AXES} are ` +
        `allowed`,
      { expected: MAX_AXES, actual: axes },
    );
  }
  // The file lists the fastest axis first; PyTorch's order is the reverse.
  const shape = Array.from({ length: axes }, () => cursor.size()).reverse();
  const format = formatOf(cursor.path, name, cursor.u32());
  const start = cursor.size();
  if (!Number.isSafeInteger(start) || start % alignment !== 0) {
    throw cannotRead(
      cursor.path,
      `tensor ${quoted(name)} starts at offset ${start}: it must be a ` +
        `multiple of the alignment ${alignment}`,
      { expected: alignment, actual: start },
    );
  }
  return { name, shape, format, start };
}

function formatOf(path: string, name: string, type: number): StoredFormat {
  const format = GGUF_FORMATS.get(type);
  if (format !== undefined) return format;
  const other = GGUF_OTHER_TYPES.get(type) ?? "not a known type";
  const supported = [...GGUF_FORMATS.values()].join(", ").toUpperCase();
  throw cannotRead(
    path,
    `the type of tensor ${quoted(name)} is ${type} (${other}): supported ` +
      `types are ${supported}. Convert the file to one of them`,
    { expected: [...GGUF_FORMATS.keys()], actual: type },
  );
}
