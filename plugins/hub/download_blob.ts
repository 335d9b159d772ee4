/**
 * Brings one file of a model into the cache: goes on where it was cut, and is
 * taken for whole only when its hash is right.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { showBytes } from "../../core/memory.ts";
import { withFileLock } from "../weights_cache/file_lock.ts";
import { BlobPart } from "./blob_part.ts";
import { reasonOf } from "./hub_connection.ts";
import type { HubClient } from "./hub_client.ts";
import type { HubFile, ModelCache } from "./model_cache.ts";
import { backOff, type RetryPolicy } from "./retry_policy.ts";

/** A connection that brings this much before it is cut makes progress. */
const PROGRESS_BYTES = 1 << 20;

/** How a file came to be there. */
export type FileState = "present" | "downloaded" | "resumed";

/** What a download needs. */
export interface DownloadSetup {
  /** Where the bytes come from. */
  readonly client: HubClient;
  /** The commit they are of. */
  readonly commit: string;
  /** Where they go. */
  readonly cache: ModelCache;
  /** How often a cut connection is opened again. */
  readonly retry: RetryPolicy;
  /** Ends the download; what came stays. */
  readonly signal: AbortSignal;
  /** Hears how many bytes are there. */
  readonly onBytes: (doneBytes: number) => void;
  /** Hears of every piece that came over the network. */
  readonly onReceived: (bytes: number) => void;
}

/**
 * Puts a file's blob into the cache. Two processes at once do no harm: one
 * brings it, the other waits and finds it.
 *
 * @throws {RookeryError} `file`: refused, cut too often (the part stays), or of
 * a wrong hash (the part is removed)
 */
export async function downloadBlob(
  file: HubFile,
  setup: DownloadSetup,
): Promise<FileState> {
  const { cache, onBytes } = setup;
  return await withFileLock(cache.lock(file.etag), async (isHeld) => {
    if (await cache.hasBlob(file)) return "present";
    // Without locks a name of one's own keeps two processes apart.
    const own = isHeld ? "" : `.${crypto.randomUUID().slice(0, 8)}`;
    const blob = cache.blob(file.etag);
    const path = `${blob}${own}.incomplete`;
    using part = await BlobPart.open(path, file, onBytes);
    const { earlier } = part;
    await complete(part, file, setup);
    await part.finish(blob);
    return earlier > 0 && part.earlier === earlier ? "resumed" : "downloaded";
  });
}

/** Brings all of a file and checks it. */
async function complete(
  part: BlobPart,
  file: HubFile,
  setup: DownloadSetup,
): Promise<void> {
  for (;;) {
    await fill(part, file, setup);
    const hashes = part.hashes();
    if (hashes.expected === hashes.actual) return;
    // What an earlier run left may be damaged: then all is brought once anew.
    const isOwnFault = part.earlier > 0;
    if (!isOwnFault) {
      await part.remove();
      throw wrongHash(file, setup.cache.repo, hashes);
    }
    await part.restart();
  }
}

/** Opens connections until all bytes are there. */
async function fill(
  part: BlobPart,
  file: HubFile,
  setup: DownloadSetup,
): Promise<void> {
  const { retry, signal } = setup;
  for (let attempt = 1; part.at < file.sizeBytes;) {
    const begin = part.at;
    const reason = await receive(part, file, setup);
    if (part.at >= file.sizeBytes) return;
    attempt = part.at - begin >= PROGRESS_BYTES ? 1 : attempt + 1;
    if (attempt > retry.attempts) throw cut(part, file, setup, reason);
    await backOff(retry, attempt - 1, { signal });
  }
}

/** Takes what one connection brings; gives the reason for its end. */
async function receive(
  part: BlobPart,
  file: HubFile,
  { client, commit, signal, onBytes, onReceived }: DownloadSetup,
): Promise<string> {
  const wanted = { path: file.path, commit };
  const { response, chunks, close } = await client.content(
    wanted,
    part.at,
    signal,
  );
  try {
    if (!continues(response, part.at, file)) {
      await part.restart();
      if (response.status !== 200) return "it does not give the rest alone";
    }
    const pieces = chunks();
    for (;;) {
      const next = await nextOf(pieces);
      if (typeof next === "string") {
        signal.throwIfAborted();
        return next;
      }
      onReceived(next.length);
      await part.write(next);
      onBytes(part.at);
    }
  } finally {
    close();
  }
}

/** The next piece, or why there is none; other errors are not the network's. */
async function nextOf(
  pieces: AsyncGenerator<Uint8Array>,
): Promise<Uint8Array | string> {
  try {
    const { done, value } = await pieces.next();
    return done ? "it ended early" : value;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Whether an answer begins at byte `at` of this very file. */
function continues(response: Response, at: number, file: HubFile): boolean {
  if (response.status === 200) return at === 0;
  const range = response.headers.get("content-range") ?? "";
  const [, begin, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  return response.status === 206 && Number(begin) === at &&
    (total === "*" || Number(total) === file.sizeBytes);
}

function cut(
  part: BlobPart,
  { path, sizeBytes }: HubFile,
  { cache, retry }: DownloadSetup,
  reason: string,
): RookeryError {
  return new RookeryError(
    "file",
    `Cannot pull ${path} of ${cache.repo} as the connection was cut ` +
      `${retry.attempts} times in a row (${reason}), with ` +
      `${showBytes(part.at)} of ${showBytes(sizeBytes)} there: run the same ` +
      "command again, it goes on from there",
    { path, expected: sizeBytes, actual: part.at },
  );
}

function wrongHash(
  { path, sha256 }: HubFile,
  repo: string,
  hashes: ReturnType<BlobPart["hashes"]>,
): RookeryError {
  const kind = sha256 === undefined ? "git SHA-1" : "SHA-256";
  return new RookeryError(
    "file",
    `Cannot use ${path} of ${repo} as its ${kind} is ${hashes.actual}: ` +
      `expected ${hashes.expected}; what came was deleted, try again on ` +
      "another network",
    { path, ...hashes },
  );
}
