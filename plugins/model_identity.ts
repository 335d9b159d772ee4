/**
 * What tells a model from others, so that state computed by one is not given
 * to another.
 *
 * @module
 */

import type { WeightRequest } from "../core/device.ts";
import type { StoredTensor } from "../core/stored_tensor.ts";
import type { ModelIdentity } from "../models/flamingo/flamingo.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import type { BuiltParts } from "./built_parts.ts";
import type { MatchedWeight } from "./match_weights.ts";
import type { BuiltPart } from "./part_builder.ts";

/** Bytes that are read of the middle of a weight. */
const SAMPLE_BYTES = 1024;

/** Slots whose options change keys and values. */
const SLOTS = [
  "vision",
  "resampler",
  "language",
  "crossAttention",
  "image",
] as const;

/** Slots that make features of a picture. */
const EYES: readonly string[] = ["vision", "image"];

/**
 * Identity of a model: SHA-256 over its parts' options, the configs of their
 * folders and the metadata of their files, and over name, shape, format and the
 * middle KiB of every weight. Where files lie does not count. Samples cost
 * milliseconds where whole files cost seconds, and training changes them all.
 */
export async function modelIdentity(
  parts: BuiltParts,
  matched: readonly MatchedWeight[],
  requests: readonly WeightRequest[],
): Promise<ModelIdentity> {
  const facts: unknown[] = [];
  const eyes: unknown[] = [];
  for (const slot of SLOTS) {
    const own = await factsOf(parts[slot]);
    facts.push(own);
    if (EYES.includes(slot)) eyes.push(own);
  }
  for (const { need: { name }, stored } of matched) {
    const { shape, format } = stored;
    const own = [name, shape, format, await sampleOf(stored)];
    facts.push(own);
    if (name.startsWith(WEIGHT_PREFIX.vision)) eyes.push(own);
  }
  const layouts = requests.map(({ layout }) => layout?.name ?? "f32");
  const kinds = [...new Set(layouts)].sort().join("+");
  const which = await hashOf(layouts.join(" "));
  return {
    model: await hashOf(JSON.stringify(facts, withBigints)),
    weights: `${kinds} ${which.slice(0, 8)}`,
    encoder: await hashOf(JSON.stringify([eyes, kinds], withBigints)),
  };
}

/** SHA-256 of a text, in hex. */
export async function hashOf(text: string): Promise<string> {
  return await hashOfBytes(new TextEncoder().encode(text));
}

/** SHA-256 of bytes, in hex. */
export async function hashOfBytes(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

async function factsOf(
  built:
    | Pick<BuiltPart<(typeof SLOTS)[number]>, "part" | "config" | "context">
    | undefined,
): Promise<unknown> {
  if (built === undefined) return null;
  const { part: { name }, config, context: { source } } = built;
  const folder = await source?.json("config.json");
  return [name, config, source?.metadata, folder];
}

async function sampleOf(stored: StoredTensor): Promise<string> {
  const { sizeBytes } = stored;
  const start = 4 * Math.floor(Math.max(0, sizeBytes - SAMPLE_BYTES) / 8);
  const end = Math.min(sizeBytes, start + SAMPLE_BYTES);
  return await hashOfBytes(await stored.read(start, end));
}

function withBigints(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return value instanceof Map ? [...value] : value;
}
