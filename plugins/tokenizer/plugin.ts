/**
 * Byte-level BPE tokenizers as a plugin: from the metadata of GGUF files, or
 * from folders with a `tokenizer.json`.
 *
 * @module
 */

import { join } from "node:path";
import { RookeryError } from "../../core/errors.ts";
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

async function foundTokenizer(source: PartSource): Promise<Tokenizer> {
  const { path, folder, metadata } = source;
  if (metadata["tokenizer.ggml.model"] !== undefined) {
    return tokenizerFromGguf(path, metadata);
  }
  if (await source.json("tokenizer.json") !== undefined) {
    return await tokenizerFromFolder(folder);
  }
  throw new RookeryError(
    "file",
    `Cannot find a tokenizer for ${path} as it has no tokenizer.ggml.model ` +
      `and there is no ${join(folder, "tokenizer.json")}: name a folder or ` +
      "a GGUF file with one as tokenizer.from in the config",
    { path },
  );
}
