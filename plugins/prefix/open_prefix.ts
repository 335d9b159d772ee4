/**
 * Reads prefixes from files.
 *
 * @module
 */

import { decodeToF32 } from "../../core/decode_stored.ts";
import type { Checkpoint } from "../../core/stored_tensor.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { Prefix } from "../../models/flamingo/prefix.ts";
import type {
  SequenceSnapshot,
  StateValues,
} from "../../models/generation/snapshot.ts";
import { cannotRead } from "../cannot_read.ts";
import { openSafetensors } from "../safetensors/reader.ts";
import {
  contentHash,
  modelFacts,
  PREFIX_KEY,
  type PrefixFacts,
} from "./prefix_file.ts";

/**
 * A prefix from a file that `savePrefix` wrote; what is generated after it is
 * what would have been generated after the prefix that was saved, bit for bit.
 *
 * @throws {RookeryError} `file` for a file that is cut short or changed, of
 * another kind or version, of another model, or of the same model with another
 * number type; `memory` beyond the budget
 */
export async function openPrefix(
  model: Flamingo,
  path: string,
): Promise<Prefix> {
  using file = await openSafetensors(path);
  const { text, facts } = readFacts(file);
  checkFacts(path, facts, modelFacts(model));
  const tensors = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, tensor] of file.tensors) {
    tensors.set(name, await tensor.read(0, tensor.sizeBytes));
  }
  const sha256 = await contentHash(text, tensors);
  if (file.metadata.sha256 !== sha256) {
    throw cannotRead(
      path,
      `its contents have the SHA-256 ${sha256} where it says ` +
        `${file.metadata.sha256}: save the prefix anew`,
      { expected: file.metadata.sha256, actual: sha256 },
    );
  }
  const snapshot = snapshotOf(file, facts, tensors);
  checkRoom(path, snapshot, model);
  return new Prefix(model.engine, await model.engine.restore(snapshot));
}

function readFacts(
  { path, metadata }: Checkpoint,
): { text: string; facts: PrefixFacts } {
  const text = metadata[PREFIX_KEY];
  if (typeof text === "string") {
    try {
      return { text, facts: JSON.parse(text) as PrefixFacts };
    } catch (cause) {
      throw cannotRead(path, `its ${PREFIX_KEY} is no JSON: save it anew`, {
        cause,
      });
    }
  }
  throw cannotRead(
    path,
    `it is no prefix, as its metadata lack ${PREFIX_KEY}: use a file that ` +
      "--save-prefix wrote",
  );
}

/** What a fact is called in messages. */
const NAMES = {
  schema: "version of the format",
  model: "model's hash",
  weights: "weights' layouts",
  activations: "number type of keys and values",
} as const;

function checkFacts(
  path: string,
  found: PrefixFacts,
  wanted: ReturnType<typeof modelFacts>,
): void {
  for (const key of ["schema", "model", "weights", "activations"] as const) {
    if (found[key] === wanted[key]) continue;
    throw cannotRead(
      path,
      `it was saved with another ${NAMES[key]}: the file has ${found[key]}, ` +
        `this model ${wanted[key]}; open it with the model and the options ` +
        "that saved it, or save it anew",
      { expected: wanted[key], actual: found[key] },
    );
  }
}

function snapshotOf(
  { path, tensors: stored }: Checkpoint,
  { pictureKeys, visible }: PrefixFacts,
  tensors: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): SequenceSnapshot {
  const integersOf = (name: string): number[] => {
    const bytes = tensors.get(name);
    if (bytes === undefined) throw cannotRead(path, `it lacks ${name}`);
    return [...new Int32Array(bytes.buffer)];
  };
  const states = new Map<string, StateValues>();
  for (const [name, { shape, format }] of stored) {
    if (name === "tokens" || name === "ordinals") continue;
    states.set(name, {
      shape,
      values: decodeToF32(format, tensors.get(name)!),
    });
  }
  const tokens = integersOf("tokens"), ordinals = integersOf("ordinals");
  return { tokens, ordinals, pictureKeys, visible, states };
}

/** A prefix must leave room for a prompt's token and an answer's. */
function checkRoom(
  path: string,
  { tokens }: SequenceSnapshot,
  { engine: { context } }: Flamingo,
): void {
  if (tokens.length + 2 <= context) return;
  throw cannotRead(
    path,
    `its ${tokens.length} tokens leave no room in the context of ${context}: ` +
      "save fewer shots, or raise the context",
    { expected: context - 2, actual: tokens.length },
  );
}
