/**
 * How a prefix lies in a safetensors file: `tokens` and `ordinals` i32 [n], keys
 * and values `kv0` … and `media0` … as in `SequenceSnapshot`, and two entries of
 * metadata: `rookery_prefix` with what the file says of itself, and `sha256` over
 * that and all tensors.
 *
 * @module
 */

import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { hashOf, hashOfBytes } from "../model_identity.ts";

/** Version of the format; files of another one are refused. */
export const PREFIX_SCHEMA = 1;

/** Key of the metadata that say what a file is. */
export const PREFIX_KEY = "rookery_prefix";

/** What a file says of itself. */
export interface PrefixFacts {
  /** Version of the format. */
  readonly schema: number;
  /** Hash of the model that made it. */
  readonly model: string;
  /** How that model's matrices lay on the device. */
  readonly weights: string;
  /** Number type of keys and values. */
  readonly activations: string;
  /** Contents of its pictures, in order. */
  readonly pictureKeys: readonly string[];
  /** Places of the pictures whose keys and values are in the file. */
  readonly visible: readonly number[];
}

/** What a file of a model says of itself, as far as the model goes. */
export function modelFacts(
  { engine: { activations }, identity }: Flamingo,
): Pick<PrefixFacts, "schema" | "model" | "weights" | "activations"> {
  const { model = "unknown", weights = "unknown" } = identity ?? {};
  return { schema: PREFIX_SCHEMA, model, weights, activations };
}

/** SHA-256 over facts and tensors, whatever their order in the file. */
export async function contentHash(
  facts: string,
  tensors: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const hashes: string[] = [];
  for (const [name, bytes] of tensors) {
    hashes.push(`${name} ${await hashOfBytes(bytes)}`);
  }
  return await hashOf([facts, ...hashes.sort()].join("\n"));
}
