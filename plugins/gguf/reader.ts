/**
 * Opens GGUF files: the format of llama.cpp and its relatives.
 *
 * @module
 */
import type { Checkpoint } from "../../core/stored_tensor.ts";
import { RangeFile } from "../range_file.ts";
import { checkNoOverlap, storedRange } from "../stored_range.ts";
import { readGgufHeader } from "./header.ts";

/**
 * Opens a GGUF file of version 2 or 3 with tensors of type F32, F16, BF16,
 * Q8_0, Q4_0, Q4_1, Q4_K or Q6_K. Only the header is read; shapes are in
 * PyTorch's order.
 *
 * @throws {RookeryError} `file`, naming the path, for any file that breaks the
 * format's rules or holds another tensor type
 */
export async function openGguf(path: string): Promise<Checkpoint> {
  using stack = new DisposableStack();
  const file = stack.use(await RangeFile.open(path));
  const { metadata, entries } = readGgufHeader(file);
  const stored = entries.map((entry) => storedRange(file, entry));
  checkNoOverlap(path, entries, stored.map((tensor) => tensor.sizeBytes));
  const owned = stack.move();
  return {
    path,
    tensors: new Map(stored.map((tensor) => [tensor.name, tensor])),
    metadata,
    [Symbol.dispose]: () => owned.dispose(),
  };
}
