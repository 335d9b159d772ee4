/**
 * Number types of graph values, and the arrays that hold them on the host.
 *
 * @module
 */

/** Number type of a graph value. Sums are always made in f32 or better. */
export type DType = "f32" | "f16" | "i32" | "u32";

/**
 * Values on the host. f16 values travel as f32 that were rounded to f16, so
 * that the meaning of an op is written once.
 */
export type HostArray =
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>;

/** Bytes of one element on the device. */
export function dtypeBytes(dtype: DType): number {
  return dtype === "f16" ? 2 : 4;
}

/** A zero-filled host array of `length` elements. */
export function createHostArray(dtype: DType, length: number): HostArray {
  if (dtype === "i32") return new Int32Array(length);
  if (dtype === "u32") return new Uint32Array(length);
  return new Float32Array(length);
}

/** Rounds every value to what `dtype` can hold; in place, returns its argument. */
export function roundToDtype(dtype: DType, values: HostArray): HostArray {
  if (dtype === "f16") values.set(new Float16Array(values));
  return values;
}
