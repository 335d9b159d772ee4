/**
 * Checkpoints cut into several files by a Hugging Face index.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { Checkpoint, StoredTensor } from "../core/stored_tensor.ts";
import { cannotRead, quoted } from "./cannot_read.ts";
import { asObject, type JsonObject, readJsonFile } from "./json_file.ts";

/** An index is small; a larger file is something else. */
const MAX_INDEX_BYTES = 64 << 20;

/**
 * Opens all shards that an index names (`weight_map`: tensor to file) as one
 * checkpoint. Its metadata is that of the index.
 *
 * @param open opens one shard
 * @throws {RookeryError} `file` when the index is malformed, a shard lies
 * elsewhere, or index and shards do not hold the same tensors
 */
export async function openShards(
  indexPath: string,
  open: (path: string) => Promise<Checkpoint>,
): Promise<Checkpoint> {
  const { weightMap, metadata } = await readIndex(indexPath);
  using stack = new DisposableStack();
  const tensors = new Map<string, StoredTensor>();
  for (const shard of new Set(weightMap.values())) {
    const path = join(dirname(indexPath), shard);
    const checkpoint = stack.use(await open(path));
    for (const [name, tensor] of checkpoint.tensors) {
      if (weightMap.get(name) !== shard) {
        throw cannotRead(
          path,
          `its tensor ${quoted(name)} is not assigned to it by ${indexPath}`,
        );
      }
      tensors.set(name, tensor);
    }
  }
  const missing = weightMap.keys().find((name) => !tensors.has(name));
  if (missing !== undefined) {
    throw cannotRead(
      indexPath,
      `${weightMap.get(missing)} lacks its tensor ${quoted(missing)}`,
    );
  }
  const owned = stack.move();
  return {
    path: indexPath,
    tensors,
    metadata,
    [Symbol.dispose]: () => owned.dispose(),
  };
}

interface ShardIndex {
  readonly weightMap: ReadonlyMap<string, string>;
  readonly metadata: JsonObject;
}

async function readIndex(path: string): Promise<ShardIndex> {
  const index = await readJsonFile(path, MAX_INDEX_BYTES);
  const { weight_map: map, metadata } = index;
  const pairs = Object.entries(asObject(map) ?? {});
  if (pairs.length === 0) {
    throw cannotRead(path, `it has no "weight_map" from tensors to files`);
  }
  const weightMap = new Map<string, string>();
  for (const [name, shard] of pairs) {
    if (typeof shard !== "string" || !isFileName(shard)) {
      throw cannotRead(
        path,
        `its tensor ${quoted(name)} lies in ${quoted(shard)}: it must be a ` +
          `file beside the index`,
      );
    }
    weightMap.set(name, shard);
  }
  return { weightMap, metadata: asObject(metadata) ?? {} };
}

/** Whether a name stays in its folder: an index may not reach elsewhere. */
function isFileName(name: string): boolean {
  return name !== "." && name !== ".." && /^[^/\\\0]+$/.test(name);
}
