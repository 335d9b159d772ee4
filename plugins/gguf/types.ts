/**
 * Numbers that GGUF files use for tensor types, and which of them are read.
 *
 * @module
 */
import type { StoredFormat } from "../../core/stored_tensor.ts";

/** Tensor types that are read, by their number in the file. */
export const GGUF_FORMATS: ReadonlyMap<number, StoredFormat> = new Map<
  number,
  StoredFormat
>([
  [0, "f32"],
  [1, "f16"],
  [2, "q4_0"],
  [3, "q4_1"],
  [8, "q8_0"],
  [12, "q4_k"],
  [14, "q6_k"],
  [30, "bf16"],
]);

/** Names of the types that are not read, for messages. */
export const GGUF_OTHER_TYPES: ReadonlyMap<number, string> = new Map([
  [6, "Q5_0"],
  [7, "Q5_1"],
  [9, "Q8_1"],
  [10, "Q2_K"],
  [11, "Q3_K"],
  [13, "Q5_K"],
  [15, "Q8_K"],
  [16, "IQ2_XXS"],
  [17, "IQ2_XS"],
  [18, "IQ3_XXS"],
  [19, "IQ1_S"],
  [20, "IQ4_NL"],
  [21, "IQ3_S"],
  [22, "IQ2_S"],
  [23, "IQ4_XS"],
  [24, "I8"],
  [25, "I16"],
  [26, "I32"],
  [27, "I64"],
  [28, "F64"],
  [29, "IQ1_M"],
  [34, "TQ1_0"],
  [35, "TQ2_0"],
  [39, "MXFP4"],
  [40, "NVFP4"],
]);
