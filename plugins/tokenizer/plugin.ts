/**
 * Tokenizers as a plugin: from the metadata of GGUF files, or from the files
 * of folders.
 *
 * @module
 */

import type { Tokenizer } from "../../models/slots.ts";
import {
  definePart,
  definePlugin,
  type Part,
  type PartSource,
  type Plugin,
} from "../plugin.ts";
import { objectOf } from "../schema.ts";
import { tokenizerFromFolder } from "./from_folder.ts";
import { tokenizerFromGguf } from "./from_gguf.ts";

/** Brings `tokenizer`. */
export function tokenizerPlugin(): Plugin {
  return definePlugin({
    name: "tokenizer",
    version: "0.1.0",
    contract: 1,
    parts: [tokenizer()],
  });
}

function tokenizer(): Part<"tokenizer"> {
  return definePart({
    slot: "tokenizer",
    name: "tokenizer",
    schema: objectOf({}),
    build: (_, { source }) => foundTokenizer(source!),
  });
}

async function foundTokenizer(
  { path, folder, metadata }: PartSource,
): Promise<Tokenizer> {
  return metadata["tokenizer.ggml.model"] === undefined
    ? await tokenizerFromFolder(folder)
    : tokenizerFromGguf(path, metadata);
}
