/**
 * Work on pictures one by one, where a bad one does not stop the rest.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";
import type { Output } from "./command.ts";
import { EXIT } from "./exit_code.ts";

/**
 * Calls `work` for every path. A picture that cannot be read or decoded, or
 * whose numbers go wrong on their way through the model, is noted and makes
 * the exit code 1; any other error ends the batch.
 */
export async function forEachPicture(
  paths: readonly string[],
  output: Output,
  work: (path: string) => Promise<void>,
): Promise<number> {
  let failures = 0;
  for (const path of paths) {
    try {
      await work(path);
    } catch (error) {
      if (!isAboutPicture(error)) throw error;
      // Only errors of files name them.
      const name = error.code === "numeric" ? `${path}: ` : "";
      output.note(`${name}${error.message}\n`);
      failures++;
    }
  }
  if (failures === 0) return EXIT.done;
  if (paths.length > 1) {
    output.note(`${failures} of ${paths.length} pictures failed\n`);
  }
  return EXIT.failed;
}

function isAboutPicture(error: unknown): error is RookeryError {
  return error instanceof RookeryError &&
    ["image", "file", "numeric"].includes(error.code);
}
