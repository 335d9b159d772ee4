/**
 * All parts of a model that generates no text, from its config.
 *
 * @module
 */

import type { BuildSetup } from "./build_parts.ts";
import { buildTokenizer } from "./build_tokenizer.ts";
import type { BuiltParts } from "./built_parts.ts";
import type {
  ContrastiveModelConfig,
  PartSection,
  VisionModelConfig,
} from "./config.ts";
import type { Neighbours, SlotName } from "./plugin.ts";

/** Config of a model that generates no text. */
export type EncoderConfig = VisionModelConfig | ContrastiveModelConfig;

/** Builds all parts that can be built. */
export async function buildEncoder(
  config: EncoderConfig,
  { builder, overrides }: Omit<BuildSetup, "misfits">,
): Promise<BuiltParts> {
  const build = async <S extends SlotName>(
    slot: S,
    { part, options, weights }: PartSection,
    neighbours: Neighbours | undefined,
  ) =>
    await builder.build({
      slot,
      part: await builder.find(slot, part),
      options,
      entry: weights,
      neighbours,
      overrides: overrides.get(slot),
    });
  const vision = await build("vision", config.vision, {});
  const seen = vision && { vision: vision.value };
  const image = await build("image", config.image, seen);
  const text = config.kind === "contrastive"
    ? await build("text", config.text, seen)
    : undefined;
  const tokenizer = config.kind === "contrastive" && text
    ? await buildTokenizer(config.tokenizer, {
      vocabulary: text.value.vocabulary,
      source: text.source,
      entry: config.text.weights,
    }, builder)
    : undefined;
  return {
    vision,
    image,
    text,
    tokenizer,
    language: undefined,
    resampler: undefined,
    crossAttention: undefined,
    marks: undefined,
    stops: [],
  };
}
