/**
 * Tokenizers from Hugging Face folders.
 *
 * @module
 */
import { join } from "node:path";
import { cannotRead } from "../cannot_read.ts";
import { asObject, type JsonObject, readJsonFile } from "../json_file.ts";
import { exactPreTokenizer } from "./exact_pre_tokenizer.ts";
import { createTokenizer } from "./text_tokenizer.ts";
import type { Tokenizer } from "../../models/slots.ts";

/** The largest known tokenizer.json has about 35 MB. */
const MAX_JSON_BYTES = 256 << 20;

/**
 * Tokenizer of a folder with a `tokenizer.json` and, where there is one, its
 * `tokenizer_config.json`.
 *
 * @throws {RookeryError} `file` when the first is missing, or either is
 * malformed or of an unknown kind
 */
export async function tokenizerFromFolder(folder: string): Promise<Tokenizer> {
  const path = join(folder, "tokenizer.json");
  const json = await readJsonFile(path, MAX_JSON_BYTES);
  const config = await readConfig(join(folder, "tokenizer_config.json"));
  const exact = {
    ...json,
    pre_tokenizer: exactPreTokenizer(json["pre_tokenizer"]),
  };
  const tokenizer = createTokenizer(path, { json: exact, config });
  const bos = namedId(tokenizer, path, config["bos_token"]);
  const eos = namedId(tokenizer, path, config["eos_token"]);
  return {
    ...tokenizer,
    bos,
    eos,
  };
}

async function readConfig(path: string): Promise<JsonObject> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  return readJsonFile(path, MAX_JSON_BYTES);
}

/** Id of a token that a config names, as a string or as `{ content }`. */
function namedId(
  tokenizer: Tokenizer,
  path: string,
  token: unknown,
): number | undefined {
  const name = asObject(token)?.["content"] ?? token;
  if (typeof name !== "string") return undefined;
  const id = tokenizer.idOf(name);
  if (id !== undefined) return id;
  throw cannotRead(
    path,
    `its config names the token ${JSON.stringify(name)}, which the ` +
      `vocabulary does not have`,
  );
}
