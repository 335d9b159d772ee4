/**
 * The safetensors format as a plugin.
 *
 * @module
 */

import { definePart, definePlugin, type Plugin } from "../plugin.ts";
import { objectOf } from "../schema.ts";
import { openSafetensors } from "./reader.ts";

/** Brings the reader `safetensors`, whole files and shards by index. */
export function safetensorsPlugin(): Plugin {
  const reader = definePart({
    slot: "reader",
    name: "safetensors",
    schema: objectOf({}),
    build: () => ({
      formats: "safetensors (whole or sharded by *.index.json)",
      folderFiles: ["model.safetensors.index.json", "model.safetensors"],
      endings: [".safetensors"],
      recognises: (path, head) =>
        path.endsWith(".safetensors.index.json") || isHeader(head),
      open: openSafetensors,
    }),
  });
  return definePlugin({
    name: "safetensors",
    version: "0.1.0",
    contract: 1,
    parts: [reader],
  });
}

/** A header below 4 GiB whose JSON begins at once, as all writers do it. */
function isHeader(head: Uint8Array): boolean {
  return head.length > 8 && head[8] === "{".charCodeAt(0) &&
    head.subarray(4, 8).every((byte) => byte === 0);
}
