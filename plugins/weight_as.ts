/**
 * Tensors rounded to another format as they are read, row by row: what is
 * written into files and what is loaded are the same bits.
 *
 * @module
 */

import { convertRows, wholeBlocks } from "../core/convert_rows.ts";
import { sizeOf } from "../core/shape.ts";
import {
  FORMAT_BLOCKS,
  type StoredFormat,
  type StoredTensor,
} from "../core/stored_tensor.ts";
import { rowTarget, type WeightFormat } from "../core/weight_formats.ts";
import { q40AsQ41 } from "./derived_tensor.ts";
import { q4KAsQ41, q6KAsF16 } from "./k_quants.ts";

/**
 * A tensor in another format; `stored` leaves it alone. The last block of a row
 * is filled with zeros.
 */
export function weightAs(
  stored: StoredTensor,
  format: WeightFormat | "stored",
): StoredTensor {
  if (format === "stored" || format === stored.format) return stored;
  const direct = directTensor(stored, format);
  return direct === stored ? rounded(stored, format) : direct;
}

function rounded(stored: StoredTensor, format: WeightFormat): StoredTensor {
  const columns = stored.shape.at(-1) ?? 1;
  const rows = sizeOf(stored.shape) / columns;
  const from = stored.sizeBytes / rows;
  const to = rowBytes(format, columns);
  const target = rowTarget(format);
  return {
    ...stored,
    format,
    sizeBytes: rows * to,
    read: async (start, end) => {
      const first = Math.floor(start / to), last = Math.ceil(end / to);
      const bytes = await stored.read(first * from, last * from);
      const some = { format: stored.format, rows: last - first, columns };
      const made = convertRows(bytes, some, target);
      const own = made.subarray(start - first * to, end - first * to);
      return own.length === made.length ? made : own.slice();
    },
  };
}

/** Bytes of a row of whole blocks. */
export function rowBytes(format: StoredFormat, columns: number): number {
  const { elements, bytes } = FORMAT_BLOCKS[format];
  return wholeBlocks(columns, elements) / elements * bytes;
}

/** Formats that go into another by a way of their own, not through f32. */
const DIRECT: ReadonlyMap<string, (stored: StoredTensor) => StoredTensor> =
  new Map([
    ["q4_0 q4_1", q40AsQ41],
    ["q4_k q4_1", q4KAsQ41],
    ["q6_k f16", q6KAsF16],
  ]);

/** The tensor in a format that it goes into by a way of its own, else as is. */
export function directTensor(
  stored: StoredTensor,
  format: StoredFormat | undefined,
): StoredTensor {
  return DIRECT.get(`${stored.format} ${format}`)?.(stored) ?? stored;
}
