/**
 * Marks of flamingo-mini. A picture's mark is the plain text `<image>`, found
 * again by its first token, `<` with or without a space before it; only the end
 * of a chunk has a token of its own, which no published tokenizer knows.
 *
 * @module
 */

import type { ConfigJson } from "../config_json.ts";
import { asObject, type JsonObject } from "../json_file.ts";
import type { FolderSource, PartContext } from "../plugin.ts";

/** Ids of `<` and ` <`, of the end of a chunk, and of what begins a text. */
interface MarkIds {
  readonly imageStartIds: readonly number[];
  readonly endOfChunkId: number;
  readonly startId?: number;
}

/** In the vocabulary that all GPT-2 models share. */
const GPT2: MarkIds = { imageStartIds: [27, 1279], endOfChunkId: 50_257 };

/**
 * In the vocabulary that all OPT models share. It ends before the embedding's
 * rows do, and its tokenizer begins every text with `</s>`. The first id is the
 * vocabulary's; flamingo-mini's own comments also call it 51552, which no
 * embedding of OPT has.
 */
const OPT: MarkIds = {
  imageStartIds: [41_552, 28_696],
  endOfChunkId: 50_265,
  startId: 2,
};

/** Names of embeddings, whose rows tell how many ids there are. */
const EMBEDDING =
  /^(?:module\.)?(?:flamingo\.)?lm\.(?:wte|.*embed_tokens)\.weight$/;

/** Sections `tokens` and, where there is a tokenizer at hand, `tokenizer`. */
export async function miniTokens(
  config: ConfigJson,
  source: FolderSource,
  shapes: PartContext["overrides"],
): Promise<JsonObject> {
  const name = config.text("lm")!;
  const usual = name.startsWith("gpt") ? GPT2 : OPT;
  const from = await tokenizerFolder(name, source);
  const own = from && await vocabularyOf(from, source);
  const embedding = [...shapes].find(([each]) => EMBEDDING.test(each));
  const rows = embedding?.[1][0] ?? Infinity;
  const ids = own ? idsIn(own, usual) : usual;
  // Its rows are the language model's and one more.
  const isFit = ids.endOfChunkId < rows;
  const endOfChunkId = isFit ? ids.endOfChunkId : rows - 1;
  return {
    ...(from === undefined ? {} : { tokenizer: { from } }),
    tokens: { image: "<image>", ...ids, endOfChunkId },
  };
}

/** Of the model itself, or of the language model's folder in it. */
async function tokenizerFolder(
  name: string,
  { json }: FolderSource,
): Promise<string | undefined> {
  for (const folder of [".", name]) {
    for (const file of ["tokenizer.json", "vocab.json"]) {
      if (await json(`${folder}/${file}`) !== undefined) return folder;
    }
  }
  return undefined;
}

/** Ids by token, as the vocabulary spells it. */
async function vocabularyOf(
  folder: string,
  { json }: FolderSource,
): Promise<JsonObject | undefined> {
  const whole = await json(`${folder}/tokenizer.json`);
  const model = asObject(whole?.["model"]);
  return asObject(model?.["vocab"]) ?? await json(`${folder}/vocab.json`);
}

/** The ids in a vocabulary; the end of a chunk is the first id after it. */
function idsIn(vocabulary: JsonObject, usual: MarkIds): MarkIds {
  const found = ["<", "Ġ<"].map((token) => vocabulary[token])
    .filter((id) => typeof id === "number");
  const start = usual.startId === undefined ? undefined : vocabulary["</s>"];
  return {
    imageStartIds: found.length > 0 ? found : usual.imageStartIds,
    endOfChunkId: Object.keys(vocabulary).length,
    ...(typeof start === "number" ? { startId: start } : {}),
  };
}
