/**
 * Tensors made of others without decoding them: rows in another order, rows of
 * several tensors in one, more or fewer rows, blocks in another format. Lazy:
 * bytes are moved when they are asked for.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { f16ToF32, f32ToF16 } from "../core/float16.ts";
import { FORMAT_BLOCKS, type StoredTensor } from "../core/stored_tensor.ts";

/** Rows that are read at once even though nobody asked, per row asked. */
const READ_AHEAD = 4;

/**
 * The rows of a tensor in another order: row `r` of the result is row
 * `rowAt(r)`. Quantised rows are moved as they are.
 */
export function permutedRows(
  tensor: StoredTensor,
  rowAt: (row: number) => number,
): StoredTensor {
  const rows = tensor.shape[0] ?? 1;
  const rowBytes = tensor.sizeBytes / rows;
  return {
    ...tensor,
    read: async (start, end) => {
      const first = Math.floor(start / rowBytes);
      const last = Math.ceil(end / rowBytes);
      const sources: number[] = [];
      for (let row = first; row < last; row++) sources.push(rowAt(row));
      const bytes = await gatherRows(tensor, sources, rowBytes);
      return bytes.slice(start - first * rowBytes, end - first * rowBytes);
    },
  };
}

/** Some rows of a tensor; in one read where they lie close together. */
async function gatherRows(
  tensor: StoredTensor,
  rows: readonly number[],
  rowBytes: number,
): Promise<Uint8Array> {
  const out = new Uint8Array(rows.length * rowBytes);
  if (rows.length === 0) return out;
  const low = rows.reduce((a, b) => Math.min(a, b));
  const high = rows.reduce((a, b) => Math.max(a, b)) + 1;
  const isClose = high - low <= READ_AHEAD * rows.length;
  const span = isClose
    ? await tensor.read(low * rowBytes, high * rowBytes)
    : undefined;
  for (const [i, row] of rows.entries()) {
    const bytes = span?.subarray(
      (row - low) * rowBytes,
      (row - low + 1) * rowBytes,
    ) ?? await tensor.read(row * rowBytes, (row + 1) * rowBytes);
    out.set(bytes, i * rowBytes);
  }
  return out;
}

/**
 * Rows of several tensors below each other.
 *
 * @throws {RookeryError} `weights` when their formats or rows differ
 */
export function concatenatedRows(
  name: string,
  tensors: readonly [StoredTensor, ...StoredTensor[]],
): StoredTensor {
  const [{ format, shape: [, ...row] }] = tensors;
  for (const tensor of tensors) {
    const isAlike = tensor.format === format &&
      tensor.shape.slice(1).join() === row.join();
    if (isAlike) continue;
    throw new RookeryError(
      "weights",
      `Cannot join rows of ${tensors[0].name} (${format}, [${
        tensors[0].shape.join(", ")
      }]) and ${tensor.name} (${tensor.format}, [${
        tensor.shape.join(", ")
      }]) as ${name}: formats and sizes of rows must be equal`,
      { path: name, expected: tensors[0].shape, actual: tensor.shape },
    );
  }
  const rows = tensors.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const sizeBytes = tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  return {
    name,
    format,
    shape: [rows, ...row],
    sizeBytes,
    read: (start, end) => readJoined(tensors, start, end),
  };
}

async function readJoined(
  tensors: readonly StoredTensor[],
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(end - start);
  let begin = 0;
  for (const tensor of tensors) {
    const from = Math.max(start, begin);
    const to = Math.min(end, begin + tensor.sizeBytes);
    if (from < to) {
      out.set(await tensor.read(from - begin, to - begin), from - start);
    }
    begin += tensor.sizeBytes;
  }
  return out;
}

/**
 * The first `rows` rows of a tensor, with rows of zeros below them where it has
 * fewer: the head of a vocabulary that has grown or shrunk.
 */
export function resizedRows(tensor: StoredTensor, rows: number): StoredTensor {
  const [own, ...row] = tensor.shape as [number, ...number[]];
  if (own === rows) return tensor;
  // All bytes zero are the value zero in every format.
  return {
    ...tensor,
    shape: [rows, ...row],
    sizeBytes: tensor.sizeBytes / own * rows,
    read: async (start, end) => {
      const out = new Uint8Array(end - start);
      const to = Math.min(end, tensor.sizeBytes);
      if (start < to) out.set(await tensor.read(start, to));
      return out;
    },
  };
}

/**
 * A matrix with its axes exchanged, [k, n] as [n, k], in its own format. Every
 * read reads all of it, as each row takes from all rows.
 *
 * @throws {RookeryError} `weights` for formats in blocks and other ranks
 */
export function transposedMatrix(tensor: StoredTensor): StoredTensor {
  const { name, format, shape } = tensor;
  const { elements, bytes: size } = FORMAT_BLOCKS[format];
  if (shape.length !== 2 || elements !== 1) {
    throw new RookeryError(
      "weights",
      `Cannot transpose ${name} (${format}, [${shape.join(", ")}]): it must ` +
        "be a matrix of a format without blocks, such as f32 or f16",
      { path: name, expected: 2, actual: shape },
    );
  }
  const [rows, columns] = shape as [number, number];
  return {
    ...tensor,
    shape: [columns, rows],
    read: async (start, end) => {
      const bytes = await tensor.read(0, tensor.sizeBytes);
      const out = new Uint8Array(end - start);
      for (let at = start; at < end; at++) {
        const element = Math.floor(at / size);
        const row = element % rows, column = Math.floor(element / rows);
        out[at - start] = bytes[(row * columns + column) * size + at % size]!;
      }
      return out;
    },
  };
}

/** Bytes of a block of 32 values in the two formats. */
const Q4_0_BYTES = 18, Q4_1_BYTES = 20;

/**
 * A Q4_0 tensor as Q4_1: `d · (q − 8)` is `d · q + (−8 · d)`, and eight times
 * a half is a half, so that no value changes.
 *
 * @throws {RookeryError} `numeric`, when read, for a scale above 8188, whose
 * minimum is beyond the largest half
 */
export function q40AsQ41(tensor: StoredTensor): StoredTensor {
  const blocks = tensor.sizeBytes / Q4_0_BYTES;
  return {
    ...tensor,
    format: "q4_1",
    sizeBytes: blocks * Q4_1_BYTES,
    read: async (start, end) => {
      const first = Math.floor(start / Q4_1_BYTES);
      const last = Math.ceil(end / Q4_1_BYTES);
      const bytes = await tensor.read(first * Q4_0_BYTES, last * Q4_0_BYTES);
      const out = widenBlocks(tensor.name, bytes);
      return out.slice(start - first * Q4_1_BYTES, end - first * Q4_1_BYTES);
    },
  };
}

function widenBlocks(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const blocks = bytes.length / Q4_0_BYTES;
  const out = new Uint8Array(blocks * Q4_1_BYTES);
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const to = new DataView(out.buffer);
  for (let block = 0; block < blocks; block++) {
    const at = block * Q4_0_BYTES, target = block * Q4_1_BYTES;
    const bits = from.getUint16(at, true);
    const minimum = -8 * f16ToF32(bits);
    if (Math.abs(minimum) > 65504) {
      throw new RookeryError(
        "numeric",
        `Cannot keep tensor ${name} as Q4_1 as a block has the scale ` +
          `${f16ToF32(bits)}: at most 8188 can be kept, so load it as f32`,
        { path: name, expected: 8188, actual: f16ToF32(bits) },
      );
    }
    to.setUint16(target, bits, true);
    to.setUint16(target + 2, f32ToF16(minimum), true);
    out.set(bytes.subarray(at + 2, at + Q4_0_BYTES), target + 4);
  }
  return out;
}
