/**
 * SHA-256 of files, streamed, and a memory of hashes already taken, so that a
 * start does not read 100 MB again only to find them unchanged.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

/** Bytes read at once: large enough that the hash, not the calls, costs. */
const CHUNK_BYTES = 1 << 20;

/** Hears how many bytes are done, and of how many. */
export type OnBytes = (doneBytes: number, totalBytes: number) => void;

/** What is remembered of a file whose hash was taken. */
interface KnownHash {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/** SHA-256 of a file in hex, in constant memory. */
export async function hashFile(
  path: string,
  onBytes?: OnBytes,
): Promise<string> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const hash = createHash("sha256");
  const chunk = new Uint8Array(CHUNK_BYTES);
  let done = 0;
  for (let n = await file.read(chunk); n !== null; n = await file.read(chunk)) {
    hash.update(chunk.subarray(0, n));
    done += n;
    onBytes?.(done, size);
  }
  return hash.digest("hex");
}

/**
 * As `hashFile()`, but a file of the same path, size and time of change as last
 * time keeps its answer. The memory is a small file in the cache, never beside
 * the weights: their folder may be read-only.
 */
export async function knownHash(
  path: string,
  cacheDir: string,
  onBytes?: OnBytes,
): Promise<string> {
  const full = resolve(path);
  const note = notePath(full, cacheDir);
  const before = await stampOf(full);
  const known = await readNote(note);
  if (
    known?.path === full && known.size === before.size &&
    known.mtimeMs === before.mtimeMs
  ) return known.sha256;
  const sha256 = await hashFile(full, onBytes);
  await rememberHash(full, cacheDir, sha256);
  return sha256;
}

/** Notes the hash of a file that was just written and hashed on its way. */
export async function rememberHash(
  path: string,
  cacheDir: string,
  sha256: string,
): Promise<void> {
  const full = resolve(path);
  const known: KnownHash = { path: full, ...await stampOf(full), sha256 };
  try {
    await writeNote(notePath(full, cacheDir), known);
  } catch {
    // A cache that cannot be written only costs the time of hashing again.
  }
}

async function stampOf(
  path: string,
): Promise<{ size: number; mtimeMs: number }> {
  const { size, mtime } = await Deno.stat(path);
  return { size, mtimeMs: mtime?.getTime() ?? 0 };
}

function notePath(full: string, cacheDir: string): string {
  const key = createHash("sha256").update(full).digest("hex").slice(0, 24);
  return join(cacheDir, "verified", `${key}.json`);
}

async function readNote(note: string): Promise<KnownHash | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(note)) as KnownHash;
  } catch {
    return undefined; // absent or cut short: both mean "not known"
  }
}

async function writeNote(note: string, known: KnownHash): Promise<void> {
  await Deno.mkdir(resolve(note, ".."), { recursive: true });
  const draft = `${note}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, JSON.stringify(known));
  await Deno.rename(draft, note);
}
