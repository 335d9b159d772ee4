/**
 * The header of a safetensors file: eight bytes of length, then JSON.
 * Layout: https://github.com/huggingface/safetensors#format
 *
 * @module
 */
import type { StoredFormat } from "../../core/stored_tensor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { asObject, type JsonObject, parseJsonObject } from "../json_file.ts";
import type { RangeFile } from "../range_file.ts";
import { tensorBytes, type TensorEntry } from "../stored_range.ts";
import { BLOCKS_KEY, withBlocks } from "./blocks.ts";

/** The reference implementation's own limit on the header. */
const MAX_HEADER_BYTES = 100_000_000;

/** Names of formats in the header. */
export const SAFETENSORS_DTYPES: ReadonlyMap<string, StoredFormat> = new Map<
  string,
  StoredFormat
>([
  ["F64", "f64"],
  ["F32", "f32"],
  ["F16", "f16"],
  ["BF16", "bf16"],
  ["I64", "i64"],
  ["I32", "i32"],
  ["I16", "i16"],
  ["I8", "i8"],
  ["U8", "u8"],
  ["BOOL", "bool"],
]);

/** What a safetensors header says. */
export interface SafetensorsHeader {
  /** Tensors in the order of their bytes; starts in file bytes. */
  readonly entries: readonly TensorEntry[];
  /** `__metadata__`, strings only, without what `withBlocks` reads of it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads and checks the header: names once, known formats, byte ranges that fit
 * the shapes and cover the rest of the file without holes or overlaps; then
 * quantised tensors by `withBlocks`.
 *
 * @throws {RookeryError} `file` that says which rule is broken
 */
export function readSafetensorsHeader(file: RangeFile): SafetensorsHeader {
  const { path } = file;
  const { header, dataStart } = readJson(file);
  const { __metadata__: given = {}, ...tensors } = header;
  checkMetadata(path, given);
  const ranges = Object.entries(tensors)
    .map(([name, entry]) => readEntry(path, name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(path, ranges, file.sizeBytes - dataStart);
  const entries = ranges.map(({ name, shape, format, begin }) => ({
    name,
    shape,
    format,
    start: dataStart + begin,
  }));
  const { [BLOCKS_KEY]: _, ...metadata } = given;
  return { entries: withBlocks(path, entries, given), metadata };
}

function readJson(
  file: RangeFile,
): { header: JsonObject; dataStart: number } {
  const { path, sizeBytes } = file;
  if (sizeBytes < 8) {
    throw cannotRead(
      path,
      `it has ${sizeBytes} bytes: a safetensors file has at least 8`,
    );
  }
  const length = Number(
    new DataView(file.read(0, 8).buffer).getBigUint64(0, true),
  );
  if (length > MAX_HEADER_BYTES || length > sizeBytes - 8) {
    throw cannotRead(
      path,
      `its first 8 bytes claim a header of ${length} bytes: it is no ` +
        `safetensors file or cut short (${sizeBytes} bytes in all, headers ` +
        `have at most ${MAX_HEADER_BYTES})`,
      { expected: sizeBytes - 8, actual: length },
    );
  }
  const dataStart = 8 + length;
  const header = parseJsonObject(path, file.read(8, dataStart));
  return { header, dataStart };
}

function checkMetadata(
  path: string,
  metadata: unknown,
): asserts metadata is Record<string, string> {
  const object = asObject(metadata);
  const isText = object !== undefined &&
    Object.values(object).every((value) => typeof value === "string");
  if (!isText) {
    throw cannotRead(path, "its __metadata__ is not an object of strings");
  }
}

interface DataRange extends Omit<TensorEntry, "start"> {
  readonly begin: number;
  readonly end: number;
}

function readEntry(path: string, name: string, entry: unknown): DataRange {
  const { dtype, shape, data_offsets: offsets } = asObject(entry) ?? {};
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw cannotRead(
      path,
      `the entry of tensor ${quoted(name)} is ${quoted(entry)}: it needs ` +
        `dtype, shape and two data_offsets, integers from 0 on`,
      { actual: entry },
    );
  }
  const format = typeof dtype === "string"
    ? SAFETENSORS_DTYPES.get(dtype)
    : undefined;
  if (format === undefined) {
    const supported = [...SAFETENSORS_DTYPES.keys()].join(", ");
    throw cannotRead(
      path,
      `the dtype of tensor ${quoted(name)} is ${quoted(dtype)}: supported ` +
        `are ${supported}`,
      { expected: [...SAFETENSORS_DTYPES.keys()], actual: dtype },
    );
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  const needed = tensorBytes(path, name, shape, format);
  if (end - begin !== needed) {
    throw cannotRead(
      path,
      `tensor ${quoted(name)} of shape ${quoted(shape)} and dtype ${dtype} ` +
        `takes ${needed} bytes, but its data_offsets span ${end - begin}`,
      { expected: needed, actual: end - begin },
    );
  }
  return { name, shape, format, begin, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) &&
    value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function checkCover(
  path: string,
  ranges: readonly DataRange[],
  dataBytes: number,
): void {
  let covered = 0;
  for (const { name, begin, end } of ranges) {
    if (begin !== covered) {
      throw cannotRead(
        path,
        `tensor ${quoted(name)} starts at data byte ${begin}, where ` +
          `${covered} must follow: ranges may not overlap or leave holes`,
        { expected: covered, actual: begin },
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw cannotRead(
      path,
      covered > dataBytes
        ? `it is cut short: its tensors take ${covered} bytes, ` +
          `${dataBytes} are there, ${covered - dataBytes} are missing. ` +
          `Fetch it again`
        : `${dataBytes - covered} bytes after its last tensor belong to none`,
      { expected: covered, actual: dataBytes },
    );
  }
}
