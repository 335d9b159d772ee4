/**
 * Where a quantised model is written: beside its place first, then moved there,
 * so that a failing run leaves nothing and an older output as it was.
 *
 * @module
 */

import { basename, dirname, join, relative, resolve } from "node:path";
import { RookeryError } from "../../core/errors.ts";

/** File by which a folder is known as one of this library's. */
export const FOLDER_CONFIG = "model.json";

/** Options of `withOutput`. */
export interface OutputOptions {
  /** Whether an older output is replaced. */
  readonly force: boolean;
  /** Paths that are read while it is written. */
  readonly inputs: readonly string[];
}

/**
 * Lets `write` fill a path beside `out`, and moves it there. What is there before
 * is replaced only with `force`, and folders only where they are of this
 * library.
 *
 * @throws {RookeryError} `usage` for an output that is there or holds what is
 * read, `file` where it cannot be written
 */
export async function withOutput<T>(
  out: string,
  { force, inputs }: OutputOptions,
  write: (path: string) => Promise<T>,
): Promise<T> {
  const path = resolve(out);
  const before = await checkOutput(out, force);
  const inside = inputs.find((input) => holds(path, resolve(input)));
  if (inside !== undefined && before !== undefined) {
    throw refused(out, `${inside} is read from it: name another`);
  }
  const partial = join(
    dirname(path),
    `${basename(path)}.${crypto.randomUUID()}.partial`,
  );
  try {
    const result = await write(partial);
    await moveOver(partial, path, before);
    return result;
  } catch (error) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw asFileError(out, error);
  }
}

/**
 * What is at an output now.
 *
 * @throws {RookeryError} `usage` where it must not be replaced
 */
export async function checkOutput(
  out: string,
  force: boolean,
): Promise<Deno.FileInfo | undefined> {
  const path = resolve(out);
  const before = await Deno.lstat(path).catch(() => undefined);
  if (before !== undefined && !force) {
    throw refused(out, "it is there already: name another, or use --force");
  }
  if (before === undefined || before.isFile) return before;
  const config = join(path, FOLDER_CONFIG);
  const isOwn = before.isDirectory &&
    await Deno.stat(config).then(({ isFile }) => isFile, () => false);
  if (isOwn) return before;
  throw refused(
    out,
    `it is a folder without ${FOLDER_CONFIG}, so no quantised model: it is ` +
      "not replaced, name another",
  );
}

/** Folders cannot be moved onto each other. */
async function moveOver(
  from: string,
  to: string,
  before: Deno.FileInfo | undefined,
): Promise<void> {
  if (before === undefined || before.isFile && (await Deno.stat(from)).isFile) {
    await Deno.rename(from, to);
    return;
  }
  const old = `${to}.${crypto.randomUUID()}.replaced`;
  await Deno.rename(to, old);
  try {
    await Deno.rename(from, to);
  } catch (error) {
    await Deno.rename(old, to);
    throw error;
  }
  await Deno.remove(old, { recursive: true });
}

function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === "" || !way.startsWith("..");
}

function refused(out: string, reason: string): RookeryError {
  return new RookeryError("usage", `Cannot write ${out} as ${reason}`, {
    path: out,
  });
}

function asFileError(out: string, error: unknown): unknown {
  if (error instanceof RookeryError || !(error instanceof Error)) return error;
  return new RookeryError(
    "file",
    `Cannot write ${out} as ${error.message}: check the disk and its rights; ` +
      "nothing was left there",
    { path: out, cause: error },
  );
}
