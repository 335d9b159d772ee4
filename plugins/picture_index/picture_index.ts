/**
 * Vectors of pictures, kept in a file so that each is computed once.
 *
 * @module
 */

import { relative } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import type { PictureEncoder } from "../../models/tasks/demonstrations/picture_encoder.ts";
import { hashOfBytes } from "../model_identity.ts";
import {
  type IndexedVectors,
  readIndexFile,
  writeIndexFile,
} from "./index_file.ts";

/** Pictures that are encoded together. */
const GROUP = 4;
/** Pictures between two writes, so that a run that is cut loses little. */
const WRITTEN = 64;

/** Name of an index beside the pictures that it is of. */
export const PICTURE_INDEX_NAME = ".rookery_features.safetensors";

/** Options of `indexPictures`. */
export interface PictureIndexOptions {
  /** File of the index, e.g. `DIR/.rookery_features.safetensors`. */
  readonly file: string;
  /** Is told how many pictures of all are done. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** Vectors of pictures, and what was done for them. */
export interface PictureIndex {
  /** Vectors [d] by path; pictures that failed have none. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
  /** How many were computed. */
  readonly encoded: number;
  /** How many were in the file. */
  readonly reused: number;
  /** How many of the file's are wanted no more, changed ones included. */
  readonly dropped: number;
  /** Pictures that could not be read. */
  readonly failures: readonly {
    readonly path: string;
    readonly error: RookeryError;
  }[];
  /** Why the index could not be written, where it could not. */
  readonly unsaved?: string;
}

/**
 * Vectors of picture files, from an index where the same bytes were encoded by
 * the same encoder before; the others are computed and the index is written
 * anew. An index of another encoder, of another version or a damaged one
 * counts for nothing. Where it cannot be written, `unsaved` says why and the
 * vectors are given all the same.
 */
export async function indexPictures(
  encoder: PictureEncoder,
  paths: readonly string[],
  { file, onProgress }: PictureIndexOptions,
): Promise<PictureIndex> {
  const known = await readIndexFile(file, encoder);
  const vectors: IndexedVectors = new Map();
  const byPath = new Map<string, Float32Array>();
  const failures: { path: string; error: RookeryError }[] = [];
  const missing: { path: string; name: string; hash: string }[] = [];
  const folder = file.replace(/[^/\\]*$/, "");
  for (const path of new Set(paths)) {
    const name = relative(folder, path);
    const hash = await hashOfFile(path).catch((error) => {
      failures.push({ path, error: asPictureError(error, path) });
    });
    if (hash === undefined) continue;
    const old = known.get(name);
    if (old?.hash === hash) {
      vectors.set(name, old);
      byPath.set(path, old.vector);
    } else missing.push({ path, name, hash });
  }
  const reused = vectors.size;
  let encoded = 0, unsaved: string | undefined;
  const save = async () => {
    unsaved = await writeIndexFile(file, encoder, vectors)
      .then(() => undefined, (error: Error) => error.message);
  };
  for (let at = 0; at < missing.length; at += GROUP) {
    const group = missing.slice(at, at + GROUP);
    for (const { one, vector, error } of await encodeEach(encoder, group)) {
      if (vector === undefined) failures.push({ path: one.path, error });
      else {
        vectors.set(one.name, { hash: one.hash, vector });
        byPath.set(one.path, vector);
        encoded++;
      }
    }
    onProgress?.(Math.min(at + GROUP, missing.length), missing.length);
    if ((at / GROUP + 1) % (WRITTEN / GROUP) === 0) await save();
  }
  const dropped = known.size - reused;
  if (encoded > 0 || dropped > 0) await save();
  const counts = { encoded, reused, dropped, failures };
  const result = { vectors: byPath, ...counts };
  return unsaved === undefined ? result : { ...result, unsaved };
}

type Encoded<One> =
  | { readonly one: One; readonly vector: Float32Array; readonly error?: never }
  | {
    readonly one: One;
    readonly vector?: undefined;
    readonly error: RookeryError;
  };

/** Vectors of a group; where it fails, one by one, to know which did. */
async function encodeEach<One extends { readonly path: string }>(
  encoder: PictureEncoder,
  group: readonly One[],
): Promise<Encoded<One>[]> {
  try {
    const vectors = await encoder.embed(group.map(({ path }) => path));
    return group.map((one, i) => ({ one, vector: vectors[i]! }));
  } catch (error) {
    const [one] = group;
    if (group.length === 1) {
      return [{ one: one!, error: asPictureError(error, one!.path) }];
    }
    const results: Encoded<One>[] = [];
    for (const each of group) {
      results.push(...await encodeEach(encoder, [each]));
    }
    return results;
  }
}

/** Errors about a picture; any other one ends the work. */
function asPictureError(error: unknown, path: string): RookeryError {
  if (
    error instanceof RookeryError && ["file", "image"].includes(error.code)
  ) return error;
  if (!(error instanceof Deno.errors.NotFound) && !isRefused(error)) {
    throw error;
  }
  return new RookeryError(
    "file",
    `Cannot read ${path} as ${(error as Error).message}: check the path`,
    { path, cause: error },
  );
}

function isRefused(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.IsADirectory;
}

async function hashOfFile(path: string): Promise<string> {
  return await hashOfBytes(await Deno.readFile(path));
}
