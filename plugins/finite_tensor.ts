/**
 * Tensors that are looked through for NaN and infinity as they are read.
 *
 * @module
 */

import { decodeToF32 } from "../core/decode_stored.ts";
import { RookeryError } from "../core/errors.ts";
import { FORMAT_BLOCKS, type StoredTensor } from "../core/stored_tensor.ts";

/**
 * The same tensor, whose reads of whole blocks fail where a value is NaN or
 * infinite as f32. Slices are looked at one by one, so nothing more is held.
 *
 * @throws {RookeryError} `numeric`, when read, with the tensor's name, and the
 * value's place by axis
 */
export function finiteTensor(stored: StoredTensor): StoredTensor {
  const { name, format, shape } = stored;
  const block = FORMAT_BLOCKS[format];
  return {
    ...stored,
    async read(start, end) {
      const bytes = await stored.read(start, end);
      const values = decodeToF32(format, bytes);
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at < 0) return bytes;
      const place = placeOf(start / block.bytes * block.elements + at, shape);
      throw new RookeryError(
        "numeric",
        `Cannot use tensor ${name} as its value at [${place.join(", ")}] of ` +
          `[${shape.join(", ")}] is ${values[at]}: every weight must be a ` +
          "number that f32 can hold; fetch or convert the file anew",
        { path: name, expected: "a finite number", actual: values[at] },
      );
    },
  };
}

/** Indices along all axes of a row-major element. */
function placeOf(element: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  let left = element;
  for (const size of shape.toReversed()) {
    place.unshift(left % size);
    left = Math.floor(left / size);
  }
  return place;
}
