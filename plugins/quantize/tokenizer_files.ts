/**
 * The files of a model's tokenizer and processor, for a copy of the model.
 *
 * @module
 */

import { join } from "node:path";
import type { WeightsEntry } from "../config.ts";
import { storedMetadata } from "../gguf/stored_metadata.ts";
import { writeGguf } from "../gguf/writer.ts";
import type { OpenedSource } from "../opened_sources.ts";
import type { QuantizeJob } from "./quantize_job.ts";

/** What tokenizers are read from. */
const TOKENIZER_FILES = [
  "tokenizer.json",
  "tokenizer.model",
  "vocab.json",
  "merges.txt",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
];

/** What other programs look for beside a tokenizer. */
const PROCESSOR_FILES = [
  "generation_config.json",
  "preprocessor_config.json",
  "processor_config.json",
  "chat_template.jinja",
];

/** Keys of GGUF metadata that make a tokenizer. */
const TOKENIZER_KEYS = "tokenizer.";

/** Whether a file tells of tokens, and nothing of a part's sizes. */
export function isTokenizerFile(name: string): boolean {
  return TOKENIZER_FILES.includes(name);
}

/** Where a model's tokenizer is; undefined for a model without text. */
export async function tokenizerSource(
  { located: { config }, sources }: Pick<QuantizeJob, "located" | "sources">,
): Promise<OpenedSource | undefined> {
  if (config.kind === "vision") return undefined;
  const owner = config.kind === "contrastive" ? config.text : config.language;
  const entry: WeightsEntry | undefined = config.tokenizer.from ??
    owner.weights;
  return entry === undefined ? undefined : await sources.open(entry);
}

/**
 * What writes a tokenizer's files into a folder that is not there yet;
 * undefined where there is no tokenizer.
 */
export async function planTokenizer(
  job: Pick<QuantizeJob, "located" | "sources">,
): Promise<((folder: string) => Promise<void>) | undefined> {
  const source = await tokenizerSource(job);
  if (source === undefined) return undefined;
  if (source.metadata["tokenizer.ggml.model"] !== undefined) {
    return (folder) => writeMetadata(source, folder);
  }
  const wanted = [...TOKENIZER_FILES, ...partFiles(job, source)];
  const names = await filesAmong(source.folder, wanted);
  if (names.length === 0) return undefined;
  names.push(...await filesAmong(source.folder, PROCESSOR_FILES));
  return async (folder) => {
    await Deno.mkdir(folder);
    for (const name of names) {
      await Deno.copyFile(join(source.folder, name), join(folder, name));
    }
  };
}

/** What a part of its own read, whatever its name. */
function partFiles(
  { located: { config }, sources }: Pick<QuantizeJob, "located" | "sources">,
  source: OpenedSource,
): string[] {
  const isOwn = "tokenizer" in config && config.tokenizer.part !== undefined;
  const read = isOwn ? [...sources.readBeside(source).keys()] : [];
  return read.filter((name) => !isTokenizerFile(name));
}

async function filesAmong(
  folder: string,
  names: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(
    names.map((name) =>
      Deno.stat(join(folder, name)).then(({ isFile }) => isFile, () => false)
    ),
  );
  return names.filter((_, i) => found[i]);
}

/** A GGUF file's tokenizer, in a GGUF file without tensors. */
async function writeMetadata(
  { checkpoint }: OpenedSource,
  folder: string,
): Promise<void> {
  const all = await storedMetadata(checkpoint!.path);
  const own = new Map(
    [...all].filter(([key]) => key.startsWith(TOKENIZER_KEYS)),
  );
  await Deno.mkdir(folder);
  await writeGguf(join(folder, "tokenizer.gguf"), [], own);
}
