/**
 * NumPy's number types, as files name them.
 *
 * @module
 */
import type { StoredFormat } from "../../core/stored_tensor.ts";

/** A number type, or that of Python objects. */
export interface NumpyType {
  /** Format of the elements; undefined for Python objects. */
  readonly format: StoredFormat | undefined;
  /** Whether bytes of an element lie highest first. */
  readonly isBigEndian: boolean;
}

/** Formats by kind and bytes. */
const FORMATS: ReadonlyMap<string, StoredFormat> = new Map<
  string,
  StoredFormat
>([
  ["f2", "f16"],
  ["f4", "f32"],
  ["f8", "f64"],
  ["i1", "i8"],
  ["i2", "i16"],
  ["i4", "i32"],
  ["i8", "i64"],
  ["u1", "u8"],
  ["b1", "bool"],
]);

/** What is supported, for messages. */
export const NUMPY_SUPPORTED: string =
  "float16, float32, float64, int8, int16, int32, int64, uint8 and bool";

/**
 * Type of a description such as `"<f4"`: byte order, kind, bytes. Nothing for
 * types that are not read.
 */
export function numpyType(description: string): NumpyType | undefined {
  const [, order, kind] = /^([<>|])(\w{1,8})$/.exec(description) ?? [];
  if (order === undefined || kind === undefined) return undefined;
  if (/^O\d?$/.test(kind)) return { format: undefined, isBigEndian: false };
  const format = FORMATS.get(kind);
  return format && { format, isBigEndian: order === ">" };
}
