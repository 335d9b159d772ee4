/**
 * Files of weights that are already on this machine: beside the config, or in
 * the folder that the user named instead of the cache.
 *
 * @module
 */

import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RookeryError } from "../../core/errors.ts";
import { knownHash } from "./file_hash.ts";
import type {
  FetchOptions,
  OnFetchProgress,
  WeightsSource,
} from "./weights_source.ts";

/** The folder the user named, by option or by `ROOKERY_WEIGHTS`. */
export function weightsFolder(
  { weightsDir }: FetchOptions,
): string | undefined {
  const folder = weightsDir ?? Deno.env.get("ROOKERY_WEIGHTS");
  return folder ? resolve(folder) : undefined;
}

/** Full path of a file or folder that lies relative to `base`. */
export async function plainFile(
  file: string,
  base: string | URL = ".",
): Promise<string> {
  const path = resolve(folderOf(base), file);
  if (await exists(path)) return path;
  throw new RookeryError(
    "file",
    `Cannot find weights "${file}" as ${path} does not exist: put the file there or correct the path in the config`,
    { path },
  );
}

/** A file in the user's folder, by its path or by its base name. */
export async function ownFile(
  file: string,
  folder: string,
): Promise<string | undefined> {
  for (const path of [join(folder, file), join(folder, basename(file))]) {
    if (await exists(path)) return path;
  }
  return undefined;
}

/** Where the cache keeps a pinned file. */
export function cachedPath(
  { file, sha256 }: WeightsSource,
  cacheDir: string,
): string {
  return join(cacheDir, "weights", sha256.slice(0, 16), basename(file));
}

/** Gives `path` back when its hash is the pinned one; throws both otherwise. */
export async function verified(
  path: string,
  source: WeightsSource,
  cacheDir: string,
  onProgress: OnFetchProgress | undefined,
): Promise<string> {
  const name = basename(path);
  const actual = await knownHash(path, cacheDir, (doneBytes, totalBytes) => {
    onProgress?.({ name, stage: "verify", doneBytes, totalBytes });
  });
  if (actual !== source.sha256) throw wrongHash(path, source, actual);
  return path;
}

/** The error for a file of another hash than the pinned one. */
export function wrongHash(
  path: string,
  { file, sha256 }: WeightsSource,
  actual: string,
): RookeryError {
  return new RookeryError(
    "file",
    `Cannot use ${path} as weights "${file}" as its SHA-256 is ${actual}: expected ${sha256}; replace the file by the pinned one`,
    { path, expected: sha256, actual },
  );
}

/** The error for a file that the user's folder lacks. */
export function notInFolder(
  { file, sha256 }: WeightsSource,
  folder: string,
): RookeryError {
  return new RookeryError(
    "file",
    `Cannot find weights "${file}" in ${folder}, which --weights or ROOKERY_WEIGHTS names instead of the cache: put the file with SHA-256 ${sha256} there under that path or as ${
      basename(file)
    }, or leave both unset to have it brought`,
    { path: folder, expected: sha256 },
  );
}

/** A folder by its path or its `file:` URL. */
export function folderOf(base: string | URL): string {
  if (typeof base === "string" && !base.startsWith("file:")) return base;
  return fileURLToPath(base);
}

/** Whether there is a file or folder at `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
