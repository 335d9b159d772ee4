/**
 * Opens safetensors files, whole or in shards.
 *
 * @module
 */
import type { Checkpoint } from "../../core/stored_tensor.ts";
import { RangeFile } from "../range_file.ts";
import { openShards } from "../shards.ts";
import { storedRange } from "../stored_range.ts";
import { readSafetensorsHeader } from "./header.ts";

/**
 * Opens a `.safetensors` file, or the shards that a
 * `model.safetensors.index.json` names. Only headers are read.
 *
 * @throws {RookeryError} `file`, naming the path, for any file that breaks the
 * format's rules, holds another dtype, or lacks a shard
 */
export function openSafetensors(path: string): Promise<Checkpoint> {
  return path.endsWith(".index.json")
    ? openShards(path, openSingle)
    : openSingle(path);
}

async function openSingle(path: string): Promise<Checkpoint> {
  using stack = new DisposableStack();
  const file = stack.use(await RangeFile.open(path));
  const { entries, metadata } = readSafetensorsHeader(file);
  const tensors = new Map(
    entries.map((entry) => [entry.name, storedRange(file, entry)]),
  );
  const owned = stack.move();
  return {
    path,
    tensors,
    metadata,
    [Symbol.dispose]: () => owned.dispose(),
  };
}
