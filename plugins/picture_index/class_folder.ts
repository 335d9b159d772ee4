/**
 * A folder of classes: a folder for each class, named as it, with its pictures.
 *
 * @module
 */

import { join } from "node:path";
import { RookeryError } from "../../core/errors.ts";

/** A picture file and what it shows. */
export interface LabelledFile {
  /** Path of the file. */
  readonly image: string;
  /** Name of its class: that of its folder. */
  readonly text: string;
}

/** Ends of names of picture files, in lower case. */
const PICTURES = [".png", ".jpg", ".jpeg", ".webp", ".gif"];

/**
 * Pictures of a folder of classes, by class and name; they are shots as they
 * are. Names that begin with a dot are passed over, files of other kinds too.
 *
 * @throws {RookeryError} `file` for a folder that is not there, or has no class
 * with a picture
 */
export async function readClassFolder(folder: string): Promise<LabelledFile[]> {
  const found: LabelledFile[] = [];
  for (const text of await namesIn(folder, "isDirectory")) {
    const own = join(folder, text);
    for (const name of await namesIn(own, "isFile")) {
      const isPicture = PICTURES.some((end) =>
        name.toLowerCase().endsWith(end)
      );
      if (isPicture) found.push({ image: join(own, name), text });
    }
  }
  if (found.length > 0) return found;
  throw new RookeryError(
    "file",
    `Cannot use ${folder} as it has no class with a picture: put the pictures ` +
      `of each class (${PICTURES.join(", ")}) into a folder of its name`,
    { path: folder },
  );
}

/** Names of a folder's entries of a kind, sorted; links count as their goals. */
async function namesIn(
  folder: string,
  kind: "isFile" | "isDirectory",
): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.startsWith(".")) continue;
      const info = await Deno.stat(join(folder, name));
      if (info[kind]) names.push(name);
    }
  } catch (cause) {
    throw new RookeryError(
      "file",
      `Cannot list ${folder} as ${(cause as Error).message}: check the path`,
      { path: folder, cause },
    );
  }
  return names.sort();
}
