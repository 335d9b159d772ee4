/**
 * Folders of published models that are not there: their JSON files and the
 * sizes of their tensors.
 *
 * @module
 */

import type { JsonObject } from "../../plugins/json_file.ts";
import type { FolderSource } from "../../plugins/plugin.ts";

/** A folder by its files' paths and its tensors' sizes. */
export function folderSource(
  files: Readonly<Record<string, JsonObject>>,
  shapes: Readonly<Record<string, readonly number[]>> = {},
): FolderSource {
  return {
    path: "published",
    json: (name) => Promise.resolve(files[name.replace(/^\.\//, "")]),
    shapes: () => Promise.resolve(new Map(Object.entries(shapes))),
  };
}
