/**
 * Writes prefixes to files.
 *
 * @module
 */

import type { StoredFormat } from "../../core/stored_tensor.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import type { Prefix } from "../../models/flamingo/prefix.ts";
import { type TensorToWrite, writeSafetensors } from "../safetensors/writer.ts";
import {
  contentHash,
  modelFacts,
  PREFIX_KEY,
  type PrefixFacts,
} from "./prefix_file.ts";

/**
 * Writes a prefix with everything that is needed to go on from it: keys and
 * values of its tokens and of the pictures that tokens to come may see. The
 * file appears whole or not at all.
 *
 * @throws {RookeryError} `usage` for a prefix that drew tokens
 */
export async function savePrefix(
  model: Flamingo,
  { sequence }: Prefix,
  path: string,
): Promise<void> {
  const { engine } = model;
  const snapshot = await engine.snapshot(sequence);
  const { tokens, ordinals, pictureKeys, visible, states } = snapshot;
  const facts: PrefixFacts = { ...modelFacts(model), pictureKeys, visible };
  const shape = [tokens.length];
  const tensors: TensorToWrite[] = [
    { name: "tokens", shape, format: "i32", data: integers(tokens) },
    { name: "ordinals", shape, format: "i32", data: integers(ordinals) },
  ];
  const format: StoredFormat = engine.activations;
  for (const [name, state] of states) {
    // Without pictures in sight there is nothing to write of them.
    if (state.shape[0] === 0) continue;
    const data = floats(format, state.values as Float32Array<ArrayBuffer>);
    tensors.push({ name, shape: state.shape, format, data });
  }
  const text = JSON.stringify(facts);
  const bytes = new Map(
    tensors.map(({ name, data }) => [name, data as Uint8Array<ArrayBuffer>]),
  );
  const sha256 = await contentHash(text, bytes);
  await writeSafetensors(path, tensors, { [PREFIX_KEY]: text, sha256 });
}

function integers(values: readonly number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Int32Array(values).buffer);
}

function floats(
  format: StoredFormat,
  values: Float32Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (format === "f16") return new Uint8Array(new Float16Array(values).buffer);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
