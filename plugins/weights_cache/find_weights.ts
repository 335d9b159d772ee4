/**
 * Where weights are on this machine, without bringing, reading or hashing
 * them: enough to look at their headers.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { cacheFolder } from "./cache_folder.ts";
import {
  cachedPath,
  exists,
  folderOf,
  ownFile,
  weightsFolder,
} from "./local_file.ts";
import type { FetchOptions, WeightsSource } from "./weights_source.ts";

/** Path of an entry's weights; undefined where they are not here. */
export async function findWeights(
  source: string | WeightsSource,
  options: FetchOptions = {},
): Promise<string | undefined> {
  const base = folderOf(options.base ?? ".");
  if (typeof source === "string") return await there(resolve(base, source));
  const folder = weightsFolder(options);
  const own = folder && await ownFile(source.file, folder);
  if (own) return own;
  if (source.from === undefined) return await there(join(base, source.file));
  return await there(cachedPath(source, options.cacheDir ?? cacheFolder()));
}

async function there(path: string): Promise<string | undefined> {
  return await exists(path) ? path : undefined;
}
