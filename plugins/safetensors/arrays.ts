/**
 * Small safetensors files as typed arrays, such as the inputs of a command.
 *
 * @module
 */
import { decodeToF32 } from "../../core/decode_stored.ts";
import type { StoredFormat, StoredTensor } from "../../core/stored_tensor.ts";
import { cannotRead } from "../cannot_read.ts";
import { openSafetensors } from "./reader.ts";

/** Numbers of a tensor: floats as f32, integers in their own width. */
export type TensorNumbers =
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** A tensor with its numbers in memory. */
export interface TensorInMemory {
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Format in the file. */
  readonly format: StoredFormat;
  /** Numbers, row-major. */
  readonly values: TensorNumbers;
}

/** Above this a file is to be streamed with `openSafetensors` instead. */
const MAX_BYTES = 2 ** 30;

/**
 * Reads a whole file. Floats of any width become f32; integers keep theirs.
 *
 * @throws {RookeryError} `file` as `openSafetensors`, or for more than 1 GiB
 */
export async function readSafetensors(
  path: string,
): Promise<ReadonlyMap<string, TensorInMemory>> {
  using checkpoint = await openSafetensors(path);
  const total = checkpoint.tensors.values()
    .reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  if (total > MAX_BYTES) {
    throw cannotRead(
      path,
      `it has ${total} bytes of tensors: at most ${MAX_BYTES} are read at ` +
        `once`,
      { expected: MAX_BYTES, actual: total },
    );
  }
  const arrays = new Map<string, TensorInMemory>();
  for (const [name, tensor] of checkpoint.tensors) {
    const { shape, format } = tensor;
    arrays.set(name, { shape, format, values: await numbersOf(tensor) });
  }
  return arrays;
}

async function numbersOf(tensor: StoredTensor): Promise<TensorNumbers> {
  const bytes = await tensor.read(0, tensor.sizeBytes);
  switch (tensor.format) {
    case "i64":
      return new BigInt64Array(bytes.buffer);
    case "i32":
      return new Int32Array(bytes.buffer);
    case "i16":
      return new Int16Array(bytes.buffer);
    case "i8":
      return new Int8Array(bytes.buffer);
    case "u8":
    case "bool":
      return bytes;
    default:
      return decodeToF32(tensor.format, bytes);
  }
}
