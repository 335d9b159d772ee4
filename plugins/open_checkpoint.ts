/**
 * Opens weights of any supported format, told apart by their content.
 *
 * @module
 */
import { join } from "node:path";
import type { Checkpoint } from "../core/stored_tensor.ts";
import { cannotRead, quoted } from "./cannot_read.ts";
import { GGUF_MAGIC } from "./gguf/header.ts";
import { openGguf } from "./gguf/reader.ts";
import { RangeFile } from "./range_file.ts";
import { openSafetensors } from "./safetensors/reader.ts";
import { openTorch } from "./torch/reader.ts";

const SUPPORTED = "GGUF, safetensors (whole or sharded by *.index.json), " +
  "torch.save files (.pth, .pt, .bin), and Hugging Face folders of them";

type Open = (path: string) => Promise<Checkpoint>;

/** Files that a folder is opened by, in the order they are looked for. */
const FOLDER_FILES: readonly (readonly [name: string, open: Open])[] = [
  ["model.safetensors.index.json", openSafetensors],
  ["model.safetensors", openSafetensors],
  ["pytorch_model.bin.index.json", openTorch],
  ["pytorch_model.bin", openTorch],
];

/**
 * Opens a weights file, an index of shards, or a folder with either. A folder
 * may also hold one weights file of another name.
 *
 * @throws {RookeryError} `file` for a path that does not exist, a folder
 * without weights, a file that is cut short or of an unknown format
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory === true) return openFolder(path);
  if (path.endsWith(".index.json")) {
    return path.endsWith(".bin.index.json")
      ? openTorch(path)
      : openSafetensors(path);
  }
  const open = await opener(path);
  return open(path);
}

async function openFolder(folder: string): Promise<Checkpoint> {
  const names = new Set<string>();
  for await (const entry of Deno.readDir(folder)) names.add(entry.name);
  for (const [name, open] of FOLDER_FILES) {
    if (names.has(name)) return open(join(folder, name));
  }
  const weights = [...names]
    .filter((name) => /\.(safetensors|gguf|pth|pt|bin)$/.test(name)).sort();
  if (weights.length === 1) return openCheckpoint(join(folder, weights[0]!));
  throw cannotRead(
    folder,
    weights.length === 0
      ? `this folder holds no weights: supported are ${SUPPORTED}`
      : `this folder holds several weights files without an index: name one ` +
        `of ${quoted(weights)}`,
    { actual: weights },
  );
}

async function opener(path: string): Promise<Open> {
  using file = await RangeFile.open(path);
  if (file.sizeBytes === 0) throw cannotRead(path, "it is empty");
  const head = file.read(0, Math.min(16, file.sizeBytes));
  const open = openerFor(head);
  if (open !== undefined) return open;
  const isShort = file.sizeBytes < 16;
  throw cannotRead(
    path,
    isShort
      ? `it has ${file.sizeBytes} bytes: no weights file is that short`
      : `its content is of no supported format: supported are ${SUPPORTED}`,
    { actual: [...head] },
  );
}

const ZIP_START = [0x50, 0x4b, 3, 4] as const;
const PICKLE_PROTOCOL = 0x80;
const OPEN_BRACE = "{".charCodeAt(0);

function openerFor(head: Uint8Array<ArrayBuffer>): Open | undefined {
  if (head.length < 16) return undefined;
  const view = new DataView(head.buffer);
  if (view.getUint32(0, true) === GGUF_MAGIC) return openGguf;
  if (ZIP_START.every((byte, i) => head[i] === byte)) return openTorch;
  // A header below 4 GiB whose JSON begins at once, as all writers do it.
  if (view.getUint32(4, true) === 0 && head[8] === OPEN_BRACE) {
    return openSafetensors;
  }
  // Pickles of other writers too: the unpickler says what is wrong with them.
  const isPickle = head[0] === PICKLE_PROTOCOL && head[1]! <= 5;
  return isPickle ? openTorch : undefined;
}
