/**
 * Brings the blobs of several files, some at once, as one progress.
 *
 * @module
 */

import type { OnFetchProgress } from "../weights_cache/mod.ts";
import {
  downloadBlob,
  type DownloadSetup,
  type FileState,
} from "./download_blob.ts";
import { inParallel } from "./in_parallel.ts";
import type { HubFile, ModelCache } from "./model_cache.ts";
import { sizeOf } from "./model_cache.ts";

/** Files that are brought at once. */
const AT_ONCE = 4;

/** What came. */
export interface Transfer {
  /** By name of the blob: whether it came whole or went on. */
  readonly states: ReadonlyMap<string, FileState>;
  /** Bytes that came over the network. */
  readonly downloadedBytes: number;
}

/** What a transfer needs. */
export interface TransferSetup
  extends Omit<DownloadSetup, "signal" | "onBytes" | "onReceived"> {
  /** Receives reports of progress, over all files together. */
  readonly onProgress?: OnFetchProgress | undefined;
}

/**
 * Brings files whose blobs are not there.
 *
 * @throws {RookeryError} as `downloadBlob` for the first that fails; the others
 * end and keep what came
 */
export async function transferFiles(
  files: readonly HubFile[],
  { onProgress, ...setup }: TransferSetup,
): Promise<Transfer> {
  const states = new Map<string, FileState>();
  const done = new Map<string, number>();
  let downloadedBytes = 0;
  const totalBytes = totalOf(files);
  const partBytes = totalBytes - await missingBytes(files, setup.cache);
  const set = ({ etag }: HubFile, bytes: number) => {
    done.set(etag, bytes);
    const doneBytes = [...done.values()].reduce((sum, each) => sum + each, 0);
    const name = setup.cache.repo;
    // Hashing what an earlier run left is no download: it is far faster.
    onProgress?.(
      downloadedBytes === 0 && doneBytes <= partBytes
        ? { name, stage: "verify", doneBytes, totalBytes: partBytes }
        : { name, stage: "download", doneBytes, totalBytes },
    );
  };
  await inParallel(files, AT_ONCE, async (file, signal) => {
    const state = await downloadBlob(file, {
      ...setup,
      signal,
      onBytes: (doneBytes) => set(file, doneBytes),
      onReceived: (bytes) => {
        downloadedBytes += bytes;
      },
    });
    states.set(file.etag, state);
    if (state === "present") set(file, file.sizeBytes); // by another process
  });
  return { states, downloadedBytes };
}

/** Bytes of files that are still to come, without the parts that are there. */
export async function missingBytes(
  files: readonly HubFile[],
  cache: ModelCache,
): Promise<number> {
  const there = await Promise.all(files.map(async (file) => {
    if (await cache.hasBlob(file)) return file.sizeBytes;
    const part = await sizeOf(`${cache.blob(file.etag)}.incomplete`);
    return Math.min(part ?? 0, file.sizeBytes);
  }));
  return totalOf(files) - there.reduce((sum, bytes) => sum + bytes, 0);
}

function totalOf(files: readonly HubFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
