/**
 * GGUF's K quants in the formats that devices have a layout for. Lazy: blocks
 * are changed when they are read.
 *
 * @module
 */

import { Q4_K_LEVELS, Q4_K_PARTS, q4KPart } from "../core/decode_k_quants.ts";
import { decodeToF32 } from "../core/decode_stored.ts";
import { RookeryError } from "../core/errors.ts";
import { f32ToF16, packF16 } from "../core/float16.ts";
import {
  FORMAT_BLOCKS,
  type StoredFormat,
  type StoredTensor,
} from "../core/stored_tensor.ts";

/** The largest half; what is above it by half a step becomes infinite. */
const MOST_HALF = 65504;

/** Bytes of a Q4_1 block of 32. */
const Q4_1_BYTES = 20;

/**
 * A Q4_K tensor as Q4_1. The 4-bit levels stay as they are; a part's scale and
 * minimum, of 17 bits, are rounded to the nearest halves, so that an element
 * `scale · level + minimum` is off by at most 2^-11 of `scale · level` and
 * 2^-11 of the minimum (where these are below the smallest normal half, 2^-14,
 * by at most 2^-20).
 *
 * @throws {RookeryError} `numeric`, when read, for a scale or minimum beyond
 * the largest half
 */
export function q4KAsQ41(tensor: StoredTensor): StoredTensor {
  return changedBlocks(tensor, "q4_1", (bytes) => {
    const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const size = FORMAT_BLOCKS.q4_k.bytes;
    const parts = bytes.length / size * Q4_K_PARTS;
    const out = new Uint8Array(parts * Q4_1_BYTES);
    const to = new DataView(out.buffer);
    for (let i = 0; i < parts; i++) {
      const at = Math.floor(i / Q4_K_PARTS) * size, target = i * Q4_1_BYTES;
      const { scale, minimum } = q4KPart(from, at, i % Q4_K_PARTS);
      checkHalf(tensor.name, scale);
      checkHalf(tensor.name, minimum);
      to.setUint16(target, f32ToF16(scale), true);
      to.setUint16(target + 2, f32ToF16(minimum), true);
      const levels = at + Q4_K_LEVELS + ((i % Q4_K_PARTS) >> 1) * 32;
      const shift = (i & 1) * 4;
      for (let k = 0; k < 16; k++) {
        const low = (bytes[levels + k]! >> shift) & 15;
        const high = (bytes[levels + 16 + k]! >> shift) & 15;
        out[target + 4 + k] = low | (high << 4);
      }
    }
    return out;
  });
}

/**
 * A Q6_K tensor as F16: its elements, of 24 bits, rounded to the nearest
 * halves.
 *
 * @throws {RookeryError} `numeric`, when read, for an element beyond the
 * largest half
 */
export function q6KAsF16(tensor: StoredTensor): StoredTensor {
  return changedBlocks(tensor, "f16", (bytes) => {
    const values = decodeToF32("q6_k", bytes);
    for (const value of values) checkHalf(tensor.name, value);
    return new Uint8Array(packF16(values).buffer);
  });
}

type Change = (blocks: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** A tensor of another format, made of whole blocks when some are asked for. */
function changedBlocks(
  tensor: StoredTensor,
  format: StoredFormat,
  change: Change,
): StoredTensor {
  const source = FORMAT_BLOCKS[tensor.format];
  const target = FORMAT_BLOCKS[format];
  // Bytes of the result that one source block makes.
  const unit = source.elements / target.elements * target.bytes;
  return {
    ...tensor,
    format,
    sizeBytes: tensor.sizeBytes / source.bytes * unit,
    read: async (start, end) => {
      const first = Math.floor(start / unit), last = Math.ceil(end / unit);
      const made = change(
        await tensor.read(first * source.bytes, last * source.bytes),
      );
      return made.slice(start - first * unit, end - first * unit);
    },
  };
}

function checkHalf(name: string, value: number): void {
  if (Math.abs(Math.f16round(value)) <= MOST_HALF) return;
  throw new RookeryError(
    "numeric",
    `Cannot keep tensor ${name} in halves as a block of it needs ${value}: ` +
      `at most ${MOST_HALF} can be kept, so load it as f32`,
    { path: name, expected: MOST_HALF, actual: value },
  );
}
