/**
 * Brings a model from the hub into the cache: what is there already stays, and
 * its folder gets the files only when all of them are whole.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { OnFetchProgress } from "../weights_cache/mod.ts";
import { chooseFiles } from "./choose_files.ts";
import { checkSpace, diskFailure } from "./disk_failure.ts";
import { HubClient } from "./hub_client.ts";
import { HubConnection } from "./hub_connection.ts";
import {
  checkHubSource,
  DEFAULT_REVISION,
  type HubSource,
} from "./hub_name.ts";
import { type HubOptions, hubSettings } from "./hub_settings.ts";
import { type HubFile, ModelCache } from "./model_cache.ts";
import type { PulledModel } from "./pulled_model.ts";
import { type RetryPolicy, USUAL_RETRY } from "./retry_policy.ts";
import {
  missingBytes,
  type Transfer,
  transferFiles,
  type TransferSetup,
} from "./transfer_files.ts";
import { useCached } from "./use_cached.ts";

/** What to bring, and who hears of progress. */
export interface PullOptions extends HubOptions {
  /**
   * Globs of the files to bring. Left out, what it takes to run the model:
   * descriptions, tokenizer, weights in one format.
   */
  readonly include?: readonly string[];
  /** How often and how soon to try again. */
  readonly retry?: Partial<RetryPolicy>;
  /** Receives reports of progress, over all files together. */
  readonly onProgress?: OnFetchProgress;
}

/**
 * Brings a model's files into the hub's cache. Files that are whole stay; cut
 * ones go on. Offline, it says what the cache has.
 *
 * @throws {RookeryError} `file`: no such model, revision or file, no right to
 * it, no network, a wrong hash, a full or read-only disk; `usage` for a name
 * that is none
 */
export async function pullModel(
  source: HubSource,
  options: PullOptions = {},
): Promise<PulledModel> {
  const settings = await hubSettings(options);
  const cache = new ModelCache(settings.cacheDir, checkHubSource(source).hub);
  const { include = [], onProgress } = options;
  if (settings.isOffline) return await useCached(source, cache, include);
  const retry = { ...USUAL_RETRY, ...options.retry };
  const client = new HubClient(source, new HubConnection(settings, retry));
  const commit = await client.commit();
  const listed = await client.files(commit);
  const { files, hasWeights } = chosenOf(listed, include, source.hub);
  const setup = { client, commit, cache, retry, onProgress };
  const { states, downloadedBytes } = await bring(files, source, setup);
  return {
    hub: source.hub,
    revision: source.revision ?? DEFAULT_REVISION,
    commit,
    folder: cache.snapshot(commit),
    files: files.map(({ path, sizeBytes, sha256, etag }) => {
      const state = states.get(etag) ?? "present";
      return { path, sizeBytes, sha256, state };
    }),
    downloadedBytes,
    hasWeights,
  };
}

function chosenOf(
  listed: readonly HubFile[],
  include: readonly string[],
  hub: string,
): { readonly files: readonly HubFile[]; readonly hasWeights: boolean } {
  const names = listed.map(({ path }) => path);
  const { paths, hasWeights } = chooseFiles(names, include, hub);
  const files = listed.filter(({ path }) => paths.includes(path));
  if (files.length > 0) return { files, hasWeights };
  const some = names.slice(0, 20).join(", ") || "nothing";
  throw new RookeryError(
    "file",
    `Cannot pull ${hub} as it has no files that are known to run a model: ` +
      `choose by --include among ${some}`,
    { path: hub, actual: names },
  );
}

/** Brings blobs, then links all files, and only then notes the commit. */
async function bring(
  files: readonly HubFile[],
  { hub, revision = DEFAULT_REVISION }: HubSource,
  setup: TransferSetup,
): Promise<Transfer> {
  const { cache, commit } = setup;
  const missing = await withoutBlobs(files, setup);
  const use = async () => ({
    hub,
    cacheDir: cache.cacheDir,
    missingBytes: await missingBytes(missing, cache),
  });
  try {
    await checkSpace(await use());
    const transfer = await transferFiles(missing, setup);
    for (const file of files) await cache.link(commit, file);
    await cache.setCommit(revision, commit);
    return transfer;
  } catch (error) {
    throw await diskFailure(error, await use());
  }
}

/** Files whose content is not there, each content once. */
async function withoutBlobs(
  files: readonly HubFile[],
  { cache, commit }: TransferSetup,
): Promise<HubFile[]> {
  const missing = new Map<string, HubFile>();
  for (const file of files) {
    const isThere = await cache.hasLinked(commit, file) ||
      await cache.hasBlob(file);
    if (!isThere) missing.set(file.etag, file);
  }
  return [...missing.values()];
}
