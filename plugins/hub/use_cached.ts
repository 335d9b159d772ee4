/**
 * Models that are in the hub's cache already, brought by this library or by
 * another program; nothing here uses the network.
 *
 * @module
 */

import { join } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import { asObject, readJsonFile } from "../json_file.ts";
import { didYouMean } from "../nearest_name.ts";
import { chooseFiles } from "./choose_files.ts";
import {
  checkHubSource,
  DEFAULT_REVISION,
  type HubSource,
  pullCommand,
  showHubName,
} from "./hub_name.ts";
import { hubCacheFolder, type HubOptions } from "./hub_settings.ts";
import { cachedModels, ModelCache, sizeOf } from "./model_cache.ts";
import type { PulledFile, PulledModel } from "./pulled_model.ts";

/** An index of shards is some megabytes at most. */
const MAX_INDEX_BYTES = 64 << 20;

/**
 * Path of a pulled model's folder, or of the file that the source names.
 *
 * @throws {RookeryError} `file` with the command that brings what is missing
 */
export async function findPulled(
  source: HubSource,
  options: HubOptions = {},
): Promise<string> {
  const { hub, file } = checkHubSource(source);
  const cache = new ModelCache(hubCacheFolder(options), hub);
  const { folder, commit } = await snapshotOf(source, cache);
  if (file === undefined) {
    await checkShards(folder, source);
    return folder;
  }
  const path = cache.pointer(commit, file);
  if (await sizeOf(path) !== undefined) return path;
  const names = (await filesIn(folder)).map((each) => each.path);
  throw absent(
    source,
    `${folder} has no file "${file}"${didYouMean(file, names)}`,
  );
}

/**
 * What the cache has of a model, as if it had been pulled just now.
 *
 * @throws {RookeryError} `file` where a file that is asked for is not there
 */
export async function useCached(
  source: HubSource,
  cache: ModelCache,
  include: readonly string[],
): Promise<PulledModel> {
  const { folder, commit } = await snapshotOf(source, cache);
  const there = await filesIn(folder);
  const names = there.map(({ path }) => path);
  // With the hub's list at hand it is known what belongs here.
  const listed = await cache.listed(commit) ?? names;
  const { paths, hasWeights } = chooseFiles(listed, include, source.hub);
  const missing = paths.filter((path) => !names.includes(path));
  if (missing.length > 0) {
    throw absent(source, `${folder} lacks ${missing.join(", ")}`);
  }
  if (include.length === 0) await checkShards(folder, source);
  return {
    hub: source.hub,
    revision: source.revision ?? DEFAULT_REVISION,
    commit,
    folder,
    files: there.filter(({ path }) => paths.includes(path)),
    downloadedBytes: 0,
    hasWeights,
  };
}

async function snapshotOf(
  source: HubSource,
  cache: ModelCache,
): Promise<{ readonly folder: string; readonly commit: string }> {
  const commit = await cache.commitOf(source.revision);
  if (commit !== undefined) {
    const folder = cache.snapshot(commit);
    const info = await Deno.stat(folder).catch(() => undefined);
    if (info?.isDirectory) return { folder, commit };
  }
  const revisions = await cache.revisions();
  if (revisions.length > 0) {
    throw absent(
      source,
      `${cache.folder} has of its revisions only ${revisions.join(", ")}`,
    );
  }
  const models = await cachedModels(cache.cacheDir);
  throw absent(
    source,
    `it is not in ${cache.cacheDir}${didYouMean(source.hub, models)}`,
  );
}

/**
 * Refuses a folder that has an index of shards, not all of these, and no other
 * weights. Tools that bring all JSON files leave indexes that are not used.
 */
async function checkShards(folder: string, source: HubSource): Promise<void> {
  const files = (await filesIn(folder)).map(({ path }) => path);
  const faults: string[] = [];
  for (
    const index of files.filter((path) => /^[^/]+\.index\.json$/.test(path))
  ) {
    if (files.includes(index.replace(".index.json", ""))) return;
    const json = await readJsonFile(join(folder, index), MAX_INDEX_BYTES);
    const shards = new Set(Object.values(asObject(json["weight_map"]) ?? {}));
    const missing = [...shards].filter((shard) =>
      typeof shard === "string" && !files.includes(shard)
    );
    if (missing.length === 0) return;
    faults.push(`${missing.join(", ")}, which ${index} names`);
  }
  if (faults.length === 0) return;
  const { file: _, ...whole } = source;
  throw absent(whole, `${folder} lacks ${faults.join("; and ")}`);
}

/** Files of a snapshot with their lengths; links that lead nowhere are none. */
async function filesIn(folder: string, inner = ""): Promise<PulledFile[]> {
  const found: PulledFile[] = [];
  for await (const entry of Deno.readDir(join(folder, inner))) {
    const path = inner === "" ? entry.name : `${inner}/${entry.name}`;
    if (entry.isDirectory) {
      found.push(...await filesIn(folder, path));
      continue;
    }
    const sizeBytes = await sizeOf(join(folder, path));
    if (sizeBytes === undefined) continue;
    found.push({ path, sizeBytes, sha256: undefined, state: "present" });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

function absent(source: HubSource, reason: string): RookeryError {
  const command = pullCommand(source);
  return new RookeryError(
    "file",
    `Cannot use ${showHubName(source)} of the hub as ${reason}: bring it ` +
      `by "${command}" (HF_HUB_CACHE names another cache)`,
    { path: source.hub, expected: command },
  );
}
