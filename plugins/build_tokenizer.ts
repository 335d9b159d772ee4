/**
 * The tokenizer of a model from its config.
 *
 * @module
 */

import { join } from "node:path";
import type { Tokenizer } from "../models/slots.ts";
import { absentTokenizer } from "./absent_tokenizer.ts";
import type { TokenizerSection, WeightsEntry } from "./config.ts";
import type { OpenedSource } from "./opened_sources.ts";
import type { PartBuilder } from "./part_builder.ts";

/** The part whose ids a tokenizer makes. */
export interface TokenizerOwner {
  /** Rows of its embedding. */
  readonly vocabulary: number;
  /** Its files. */
  readonly source: OpenedSource | undefined;
  /** Their entry in the config. */
  readonly entry: WeightsEntry | undefined;
}

/**
 * The tokenizer that the config names, else that of the part's own files, else
 * one that refuses text: models without a tokenizer still run on ids.
 */
export async function buildTokenizer(
  { part, from, options }: TokenizerSection,
  { vocabulary, source, entry }: TokenizerOwner,
  builder: PartBuilder,
): Promise<Tokenizer | undefined> {
  const isUsual = part === undefined && from === undefined;
  if (isUsual && !await hasTokenizer(source)) {
    return absentTokenizer(
      vocabulary,
      "there is no tokenizer beside its weights, and the config names none " +
        "as tokenizer.from",
    );
  }
  const files = from ?? entry;
  if (files !== undefined && await builder.isAbsent(files)) {
    return absentTokenizer(
      vocabulary,
      "the files of its tokenizer are not on this machine",
    );
  }
  const built = await builder.build({
    slot: "tokenizer",
    part: await builder.find("tokenizer", part ?? "tokenizer"),
    options,
    entry: files,
    neighbours: {},
  });
  return built?.value;
}

async function hasTokenizer(
  source: OpenedSource | undefined,
): Promise<boolean> {
  if (source === undefined) return false;
  if (source.metadata["tokenizer.ggml.model"] !== undefined) return true;
  for (const name of ["tokenizer.json", "vocab.json"]) {
    if (await source.json(name) !== undefined) return true;
  }
  const model = join(source.folder, "tokenizer.model");
  return await Deno.stat(model).then(() => true, () => false);
}
