/**
 * The config of a folder that a model is written into.
 *
 * @module
 */

import type { BuiltParts } from "../built_parts.ts";
import type { ModelConfig, PartSection } from "../config.ts";
import type { JsonObject } from "../json_file.ts";
import type { SlotName } from "../plugin.ts";
import type { QuantizeJob } from "./quantize_job.ts";

/** What the folder holds beside the config. */
export interface FolderContent {
  /** Whether a slot has a folder of its name. */
  hasFiles(slot: SlotName): boolean;
  /** Whether there is a folder `tokenizer`. */
  readonly hasTokenizer: boolean;
}

/** Keys of a config that are taken over as they are. */
const TAKEN = [
  "kind",
  "schema",
  "name",
  "note",
  "trained",
  "tokens",
  "prompt",
] as const;

/** Slots that have a section, in the order of configs. */
const SECTIONS = [
  "vision",
  "image",
  "resampler",
  "language",
  "crossAttention",
  "text",
] as const satisfies readonly (SlotName & keyof BuiltParts)[];

/** The config as JSON; its paths are relative to the folder. */
export async function writtenConfig(
  { located, prepared: { parts } }: QuantizeJob,
  content: FolderContent,
): Promise<JsonObject> {
  const config = located.config as
    & ModelConfig
    & Partial<Record<string, unknown>>;
  const json: Record<string, unknown> = {};
  for (const key of TAKEN) json[key] = config[key];
  for (const slot of SECTIONS) {
    const built = parts[slot], given = config[slot] as PartSection | undefined;
    if (built === undefined || given === undefined) continue;
    const { part, config: options, context } = built;
    json[slot] = {
      part: part.name,
      ...(content.hasFiles(slot) ? { weights: slot } : {}),
      ...await part.section?.(options, context) ?? given.options,
    };
  }
  if ("tokenizer" in config) {
    const { part, options } = config.tokenizer as PartSection;
    json["tokenizer"] = {
      part,
      from: content.hasTokenizer ? "tokenizer" : undefined,
      ...options,
    };
  }
  return json;
}
