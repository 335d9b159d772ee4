/**
 * The reader slot: files of weights, told apart by their content.
 *
 * @module
 */

import { join } from "node:path";
import type { Checkpoint } from "../core/stored_tensor.ts";
import { cannotRead, quoted } from "./cannot_read.ts";
import { RangeFile } from "./range_file.ts";

/** First bytes of a file by which its format is told. */
const HEAD_BYTES = 512;

/** No weights file is shorter. */
const LEAST_BYTES = 16;

/** Opens one format of weights files. */
export interface CheckpointReader {
  /** What it reads, for messages. */
  readonly formats: string;
  /** Files that a folder is opened by, in the order they are looked for. */
  readonly folderFiles: readonly string[];
  /** Endings, with the dot, of single files that it reads in a folder. */
  readonly endings: readonly string[];
  /** Whether a file is its own, by its path and up to 512 first bytes. */
  recognises(path: string, head: Uint8Array): boolean;
  /** Opens a file; reads its header only. */
  open(path: string): Promise<Checkpoint>;
}

/**
 * Opens a weights file, an index of shards, or a folder with either by the
 * first reader that knows it.
 *
 * @throws {RookeryError} `file` for a path that does not exist, a folder
 * without weights or with several, a file of an unknown format
 */
export async function openWith(
  readers: readonly CheckpointReader[],
  path: string,
): Promise<Checkpoint> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory === true) {
    return await openWith(readers, await weightsIn(readers, path));
  }
  const head = await headOf(path);
  const reader = readers.find((each) => each.recognises(path, head));
  if (reader !== undefined) return await reader.open(path);
  throw cannotRead(
    path,
    head.length < LEAST_BYTES
      ? `it has ${head.length} bytes: no weights file is that short`
      : `its content is of no supported format: supported are ${
        formatsOf(readers)
      }`,
    { actual: [...head.subarray(0, LEAST_BYTES)] },
  );
}

/** Whether a folder has files that a reader opens. */
export async function hasWeights(
  readers: readonly CheckpointReader[],
  folder: string,
): Promise<boolean> {
  return (await candidates(readers, folder)).length > 0;
}

async function weightsIn(
  readers: readonly CheckpointReader[],
  folder: string,
): Promise<string> {
  const found = await candidates(readers, folder);
  if (found.length === 1) return join(folder, found[0]!);
  throw cannotRead(
    folder,
    found.length === 0
      ? `this folder holds no weights: supported are ${formatsOf(readers)}`
      : "this folder holds several weights files without an index: name one " +
        `of ${quoted(found)}`,
    { actual: found },
  );
}

/** The one well-known file of a folder, else all files by their endings. */
async function candidates(
  readers: readonly CheckpointReader[],
  folder: string,
): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  for (const file of readers.flatMap(({ folderFiles }) => folderFiles)) {
    if (names.includes(file)) return [file];
  }
  const endings = readers.flatMap((reader) => reader.endings);
  return names.filter((name) => endings.some((end) => name.endsWith(end)))
    .sort();
}

async function headOf(path: string): Promise<Uint8Array> {
  using file = await RangeFile.open(path);
  if (file.sizeBytes === 0) throw cannotRead(path, "it is empty");
  return file.read(0, Math.min(HEAD_BYTES, file.sizeBytes));
}

function formatsOf(readers: readonly CheckpointReader[]): string {
  return readers.map(({ formats }) => formats).join(", ");
}
