/**
 * How weights lie in files. Readers (plugins) make these values; the device
 * layer streams from them. Nothing here opens a file.
 *
 * @module
 */

/** Number format of a tensor inside a file. */
export type StoredFormat =
  | "f64"
  | "f32"
  | "f16"
  | "bf16"
  | "i64"
  | "i32"
  | "i16"
  | "i8"
  | "u8"
  | "bool"
  | "q8_0"
  | "q4_0"
  | "q4_1"
  | "q4_k"
  | "q6_k";

/** Elements and bytes of one block of a format; plain formats have blocks of 1. */
export interface FormatBlock {
  /** Elements along the last axis that share one block. */
  readonly elements: number;
  /** Bytes of one block. */
  readonly bytes: number;
}

/** Block sizes of all formats (GGUF's own sizes for the quantised ones). */
export const FORMAT_BLOCKS: Readonly<Record<StoredFormat, FormatBlock>> = {
  f64: { elements: 1, bytes: 8 },
  f32: { elements: 1, bytes: 4 },
  f16: { elements: 1, bytes: 2 },
  bf16: { elements: 1, bytes: 2 },
  i64: { elements: 1, bytes: 8 },
  i32: { elements: 1, bytes: 4 },
  i16: { elements: 1, bytes: 2 },
  i8: { elements: 1, bytes: 1 },
  u8: { elements: 1, bytes: 1 },
  bool: { elements: 1, bytes: 1 },
  q8_0: { elements: 32, bytes: 34 },
  q4_0: { elements: 32, bytes: 18 },
  q4_1: { elements: 32, bytes: 20 },
  q4_k: { elements: 256, bytes: 144 },
  q6_k: { elements: 256, bytes: 210 },
};

/** One tensor in a file. Its bytes are row-major, little-endian, last axis fastest. */
export interface StoredTensor {
  /** Name in the file. */
  readonly name: string;
  /** Sizes, outermost first (PyTorch order; GGUF's order is turned around). */
  readonly shape: readonly number[];
  /** Number format. */
  readonly format: StoredFormat;
  /** Total size in bytes. */
  readonly sizeBytes: number;
  /** Reads bytes `[start, end)` of the tensor; the array is the caller's own. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** An opened weights file or folder. Closing it makes its tensors unreadable. */
export interface Checkpoint extends Disposable {
  /** Path it was opened from, for messages. */
  readonly path: string;
  /** Tensors by name, in file order. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Metadata of the file (GGUF keys, safetensors `__metadata__`), as plain values. */
  readonly metadata: Readonly<Record<string, unknown>>;
}
