/**
 * Files of tokenizers as targets.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tokenizer } from "../../../models/slots.ts";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { tokenizerFromFolder } from "../../../plugins/tokenizer/from_folder.ts";
import { tokenizerFromGguf } from "../../../plugins/tokenizer/from_gguf.ts";
import { damagedFiles } from "./damage_bytes.ts";
import { damagedJson } from "./damage_json.ts";
import type { FuzzTarget } from "./run_fuzz.ts";
import { wholeFile } from "./whole_file.ts";

/** Golden folders with a `tokenizer.json`, one of each kind. */
const JSON_FOLDERS = [
  ...["tiny", "kinds/clip", "kinds/gpt_neox", "kinds/llama", "kinds/llama3"],
  ...["kinds/unigram", "kinds/word_piece"],
] as const;

/** Everything that a tokenizer is made of. */
export async function tokenizerTargets(): Promise<FuzzTarget[]> {
  return [
    await tokenizerJson(),
    await vocabJson(),
    await mergesText(),
    await sentencePiece(),
    await ggufMetadata(),
  ];
}

function golden(path: string): string {
  return fileURLToPath(
    new URL(`../../golden/tokenizer/${path}`, import.meta.url),
  );
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(golden(path)));
}

/** Uses a tokenizer on a text with all kinds of signs. */
function useTokenizer(tokenizer: Tokenizer): void {
  const ids = tokenizer.encode("Hello, 12 naïve\n\n 😀 worlds");
  assert.ok(ids.every((id) => Number.isSafeInteger(id) && id >= 0), `${ids}`);
  assert.ok(Number.isSafeInteger(tokenizer.vocabularySize));
  assert.equal(typeof tokenizer.decode(ids), "string");
}

async function useFolder(path: string): Promise<void> {
  useTokenizer(await tokenizerFromFolder(dirname(path)));
}

async function tokenizerJson(): Promise<FuzzTarget> {
  const files = JSON_FOLDERS.map((folder) => `${folder}/tokenizer.json`);
  return {
    name: "tokenizer.json",
    file: "tokenizer.json",
    cases: damagedJson(await Promise.all(files.map(readJson))),
    names: "folder",
    run: useFolder,
  };
}

async function besides(
  folder: string,
  files: readonly string[],
): Promise<Record<string, Uint8Array>> {
  const beside: Record<string, Uint8Array> = {};
  for (const file of files) {
    beside[file] = await Deno.readFile(golden(`${folder}/${file}`));
  }
  return beside;
}

async function vocabJson(): Promise<FuzzTarget> {
  const folder = "kinds/opt";
  return {
    name: "vocab.json",
    file: "vocab.json",
    beside: await besides(folder, ["merges.txt", "tokenizer_config.json"]),
    cases: damagedJson([await readJson(`${folder}/vocab.json`)]),
    names: "folder",
    run: useFolder,
  };
}

async function mergesText(): Promise<FuzzTarget> {
  const folder = "kinds/opt";
  const bytes = await Deno.readFile(golden(`${folder}/merges.txt`));
  const field = { start: 0, width: bytes.length, isText: true };
  return {
    name: "merges.txt",
    file: "merges.txt",
    beside: await besides(folder, ["vocab.json", "tokenizer_config.json"]),
    cases: damagedFiles([{ bytes, fields: [field] }]),
    names: "folder",
    run: useFolder,
  };
}

async function sentencePiece(): Promise<FuzzTarget> {
  const bytes = await Deno.readFile(golden("kinds/spm/tokenizer.model"));
  // Tags and lengths are bytes, and most fields are two or three of them.
  const fields = Array.from(
    bytes,
    (_, start) => ({ start, width: 1, isText: false }) as const,
  );
  return {
    name: "tokenizer.model",
    file: "tokenizer.model",
    cases: damagedFiles([{ bytes, fields }]),
    names: "folder",
    run: useFolder,
  };
}

async function ggufMetadata(): Promise<FuzzTarget> {
  const paths = ["tiny.gguf", "kinds/spm.gguf"].map(golden);
  return {
    name: "tokenizers in GGUF files",
    file: "model.gguf",
    cases: damagedFiles(
      await Promise.all(paths.map((path) => wholeFile(path, openGguf))),
    ),
    async run(path) {
      using checkpoint = await openGguf(path);
      useTokenizer(tokenizerFromGguf(path, checkpoint.metadata));
    },
  };
}
