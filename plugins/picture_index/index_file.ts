/**
 * How an index of pictures lies in a safetensors file: `features` f32 [n, d],
 * and an entry of metadata that names encoder and files.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { PictureEncoder } from "../../models/tasks/demonstrations/picture_encoder.ts";
import { hashOfBytes } from "../model_identity.ts";
import { openSafetensors } from "../safetensors/reader.ts";
import { writeSafetensors } from "../safetensors/writer.ts";

/** Version of the format; an index of another one counts for nothing. */
const SCHEMA = 1;
/** Key of the metadata that say what a file is. */
const KEY = "rookery_pictures";
/** Key of the hash of the vectors. */
const HASH_KEY = "sha256";

/** Vector of a file of that content. */
export interface IndexedVector {
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Its vector [d]. */
  readonly vector: Float32Array;
}

/** Vectors by name of the file, relative to the index. */
export type IndexedVectors = Map<string, IndexedVector>;

/** What a file says of itself. */
interface IndexFacts {
  readonly schema: number;
  readonly encoder: string;
  readonly width: number;
  /** Name and SHA-256 of each file, in the order of the vectors. */
  readonly files: readonly (readonly [name: string, hash: string])[];
}

/** Reads an index; nothing of one that is missing, damaged or another's. */
export async function readIndexFile(
  path: string,
  { identity, width }: PictureEncoder,
): Promise<IndexedVectors> {
  const vectors: IndexedVectors = new Map();
  if (identity === undefined) return vectors;
  try {
    using file = await openSafetensors(path);
    const facts = JSON.parse(String(file.metadata[KEY])) as IndexFacts;
    const isOwn = facts.schema === SCHEMA && facts.encoder === identity &&
      facts.width === width;
    const tensor = file.tensors.get("features");
    if (!isOwn || tensor?.sizeBytes !== 4 * width * facts.files.length) {
      return vectors;
    }
    const bytes = await tensor.read(0, tensor.sizeBytes);
    if (await hashOfBytes(bytes) !== file.metadata[HASH_KEY]) return vectors;
    const all = new Float32Array(bytes.buffer);
    facts.files.forEach(([name, hash], i) =>
      vectors.set(name, {
        hash,
        vector: all.slice(i * width, (i + 1) * width),
      })
    );
  } catch (error) {
    const isBroken = error instanceof RookeryError ||
      error instanceof SyntaxError || error instanceof TypeError;
    if (!isBroken) throw error;
  }
  return vectors;
}

/** Writes an index; an encoder without identity has none. */
export async function writeIndexFile(
  path: string,
  { identity, width }: PictureEncoder,
  vectors: IndexedVectors,
): Promise<void> {
  if (identity === undefined) return;
  const values = new Float32Array(vectors.size * width);
  const files: [string, string][] = [];
  for (const [name, { hash, vector }] of vectors) {
    values.set(vector, files.length * width);
    files.push([name, hash]);
  }
  const facts: IndexFacts = { schema: SCHEMA, encoder: identity, width, files };
  const data = new Uint8Array(values.buffer);
  const shape = [files.length, width];
  await writeSafetensors(
    path,
    [{ name: "features", shape, format: "f32", data }],
    { [KEY]: JSON.stringify(facts), [HASH_KEY]: await hashOfBytes(data) },
  );
}
