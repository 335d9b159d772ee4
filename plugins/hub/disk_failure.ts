/**
 * Disks that are full or cannot be written, in words.
 *
 * @module
 */

import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import { showBytes } from "../../core/memory.ts";

/** What was being written. */
export interface DiskUse {
  /** The model, for messages. */
  readonly hub: string;
  /** Folder of the cache. */
  readonly cacheDir: string;
  /** Bytes that are still to come. */
  readonly missingBytes: number;
}

/** Full disk, file too large for a limit, quota used up; by the kernel. */
const FULL = /\(os error (?:27|28|69|122)\)|ENOSPC|EFBIG|EDQUOT/;
const NOT_WRITABLE =
  /\(os error (?:1|13|20|30)\)|EACCES|EPERM|ENOTDIR|EROFS|NotCapable/;

/** The error in words where a disk is the reason; other errors as they are. */
export async function diskFailure(
  error: unknown,
  { hub, cacheDir, missingBytes }: DiskUse,
): Promise<unknown> {
  if (error instanceof RookeryError || !(error instanceof Error)) return error;
  const text = `${error.name} ${error.message}`;
  if (FULL.test(text)) {
    const free = await freeBytes(cacheDir);
    return new RookeryError(
      "file",
      `Cannot pull ${hub} as ${cacheDir} took no more bytes (${error.message}` +
        `): ${showBytes(missingBytes)} are still to come` +
        `${free === undefined ? "" : ` and ${showBytes(free)} are free`}; ` +
        `make room and run the same command again, it goes on from the parts ` +
        "(….incomplete) that were kept; or choose another folder by --cache " +
        "or HF_HUB_CACHE",
      { path: cacheDir, expected: missingBytes, actual: free, cause: error },
    );
  }
  if (NOT_WRITABLE.test(text)) {
    return new RookeryError(
      "file",
      `Cannot pull ${hub} as ${cacheDir} cannot be written (${error.message}` +
        "): choose another folder by --cache or HF_HUB_CACHE, or correct the " +
        "rights of this one",
      { path: cacheDir, cause: error },
    );
  }
  return error;
}

/**
 * Refuses to begin what cannot be finished.
 *
 * @throws {RookeryError} `file` where fewer bytes are free than will come
 */
export async function checkSpace(use: DiskUse): Promise<void> {
  const free = await freeBytes(use.cacheDir);
  if (free === undefined || free >= use.missingBytes) return;
  throw new RookeryError(
    "file",
    `Cannot pull ${use.hub} as ${
      showBytes(use.missingBytes)
    } are to come and ` +
      `only ${
        showBytes(free)
      } are free where ${use.cacheDir} lies: make room, ` +
      "or choose another folder by --cache or HF_HUB_CACHE",
    { path: use.cacheDir, expected: use.missingBytes, actual: free },
  );
}

/** Bytes free for this user where a path is or will be. */
async function freeBytes(path: string): Promise<number | undefined> {
  for (let at = path;; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return Number(bavail) * Number(bsize);
    } catch {
      if (dirname(at) === at) return undefined;
    }
  }
}
