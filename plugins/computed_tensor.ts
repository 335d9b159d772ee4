/**
 * Tensors whose f32 values are computed from others when they are read:
 * transposed, scaled, folded. For small tensors, such as convolutions.
 *
 * @module
 */

import { decodeToF32 } from "../core/decode_stored.ts";
import { RookeryError } from "../core/errors.ts";
import type { StoredTensor } from "../core/stored_tensor.ts";

/** Values of a computed tensor. */
export type ComputeValues = () =>
  | Float32Array<ArrayBuffer>
  | Promise<Float32Array<ArrayBuffer>>;

/**
 * An f32 tensor whose values are computed whenever some of them are read;
 * nothing is kept.
 */
export function computedTensor(
  name: string,
  shape: readonly number[],
  compute: ComputeValues,
): StoredTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    name,
    shape,
    format: "f32",
    sizeBytes: count * 4,
    read: async (start, end) => {
      const values = await compute();
      if (values.length !== count) {
        throw new RookeryError(
          "weights",
          `Cannot compute tensor ${name} of shape [${shape.join(", ")}] as ` +
            `${values.length} values were made: ${count} are needed`,
          { path: name, expected: count, actual: values.length },
        );
      }
      const bytes = new Uint8Array(values.buffer, values.byteOffset, count * 4);
      return bytes.slice(start, end);
    },
  };
}

/** All values of a tensor as f32. */
export async function valuesOf(
  tensor: StoredTensor,
): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await tensor.read(0, tensor.sizeBytes);
  return decodeToF32(tensor.format, bytes);
}

/**
 * A tensor with its axes in another order: axis `i` of the result is axis
 * `permutation[i]`.
 */
export function transposedTensor(
  tensor: StoredTensor,
  permutation: readonly number[],
): StoredTensor {
  const shape = permutation.map((axis) => tensor.shape[axis]!);
  return computedTensor(tensor.name, shape, async () => {
    return transposeValues(await valuesOf(tensor), tensor.shape, permutation);
  });
}

/** Row-major values of `shape` with the axes in another order. */
export function transposeValues(
  values: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  permutation: readonly number[],
): Float32Array<ArrayBuffer> {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  );
  const sizes = permutation.map((axis) => shape[axis]!);
  const steps = permutation.map((axis) => strides[axis]!);
  const out = new Float32Array(values.length);
  const at = sizes.map(() => 0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++at[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}

/** A tensor times a number. */
export function scaledTensor(
  tensor: StoredTensor,
  factor: number,
): StoredTensor {
  return computedTensor(tensor.name, tensor.shape, async () => {
    return (await valuesOf(tensor)).map((value) => value * factor);
  });
}
