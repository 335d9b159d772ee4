/**
 * The GGUF format as a plugin.
 *
 * @module
 */

import { definePart, definePlugin, type Plugin } from "../plugin.ts";
import { objectOf } from "../schema.ts";
import { openGguf } from "./reader.ts";

/** First bytes of a GGUF file. */
const MAGIC = new TextEncoder().encode("GGUF");

/** Brings the reader `gguf`. */
export function ggufPlugin(): Plugin {
  const reader = definePart({
    slot: "reader",
    name: "gguf",
    schema: objectOf({}),
    build: () => ({
      formats: "GGUF",
      folderFiles: [],
      endings: [".gguf"],
      recognises: (_, head) => MAGIC.every((byte, i) => head[i] === byte),
      open: openGguf,
    }),
  });
  return definePlugin({
    name: "gguf",
    version: "0.1.0",
    contract: 1,
    parts: [reader],
  });
}
