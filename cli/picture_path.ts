/**
 * Paths of pictures that a file names.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { badItem } from "./read_json_lines.ts";

/** Where a path was written. */
export interface PathOrigin {
  /** File that names it; paths are relative to its folder. */
  readonly file: string;
  /** Place in that file, for messages. */
  readonly place: string;
  /** Key that it is the value of; `"image"` where left out. */
  readonly key?: string;
}

/** Full path of a picture or video, which must exist; throws `prompt`. */
export async function picturePath(
  path: unknown,
  { file, place, key = "image" }: PathOrigin,
): Promise<string> {
  if (typeof path !== "string" || path === "") {
    throw badItem(
      place,
      `"${key}" is ${JSON.stringify(path)}: it must be a path`,
    );
  }
  const full = resolve(dirname(file), path);
  const info = await Deno.stat(full).catch(() => undefined);
  if (info?.isFile) return full;
  const what = key === "video" ? "video" : "picture";
  throw badItem(
    place,
    `there is no ${what} "${path}": paths are relative to the folder of ${file}`,
  );
}
