/**
 * Results that go into files.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";

/** Writes a file; throws a `file` error that says why it cannot. */
export async function writeTextFile(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text);
  } catch (cause) {
    throw new RookeryError(
      "file",
      `Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`,
      { path, cause },
    );
  }
}
