/**
 * All parts of a model from its config, each told the sizes of its neighbours.
 *
 * @module
 */

import { buildTokenizer } from "./build_tokenizer.ts";
import type { BuiltParts } from "./built_parts.ts";
import { checkFit } from "./check_fit.ts";
import type { FlamingoModelConfig, GenerativeConfig } from "./config.ts";
import { Misfits } from "./misfits.ts";
import type { BuiltPart, PartBuilder } from "./part_builder.ts";
import type { Neighbours, PartContext, SlotName } from "./plugin.ts";
import { stopTokens, tokenMarks } from "./token_marks.ts";

/** What parts are built with. */
export interface BuildSetup {
  /** Builds one part. */
  readonly builder: PartBuilder;
  /** See `PartContext.overrides`, by slot. */
  readonly overrides: ReadonlyMap<SlotName, PartContext["overrides"]>;
  /** Receives what does not fit. */
  readonly misfits: Misfits;
  /**
   * Whether a model without its tokenizer's files may do without marks and
   * stops that are told as text. Default false.
   */
  readonly mayLackText?: boolean;
}

/** Builds all parts that can be built, and reports what does not fit. */
export async function buildParts(
  config: GenerativeConfig,
  { builder, overrides, misfits, mayLackText = false }: BuildSetup,
): Promise<BuiltParts> {
  const network = await buildNetwork(config, { builder, overrides });
  const { language, vision } = network;
  const image = config.kind === "flamingo"
    ? await builder.build({
      slot: "image",
      part: await builder.find("image", config.image.part),
      options: config.image.options,
      entry: config.image.weights,
      neighbours: vision && { vision: vision.value },
    })
    : undefined;
  const tokenizer = language && await buildTokenizer(config.tokenizer, {
    vocabulary: language.value.vocabulary,
    source: language.source,
    entry: config.language.weights,
  }, builder);
  const parts = { ...network, image, tokenizer };
  checkFit(parts, misfits);
  if (!language || !tokenizer) {
    return { ...parts, marks: undefined, stops: [] };
  }
  const limits = { tokenizer, vocabulary: language.value.vocabulary };
  const hasNoText = mayLackText && tokenizer.hasText === false;
  const stops = hasNoText
    ? []
    : stopTokens(config.prompt.stop ?? [], tokenizer, misfits);
  if (config.kind === "language") return { ...parts, marks: undefined, stops };
  // Without text only marks that are told as ids can be had.
  const reported = hasNoText ? new Misfits() : misfits;
  const marks = await reported.attempt(
    "tokens",
    () => tokenMarks(config.tokens, limits, reported),
  );
  return { ...parts, marks, stops };
}

/** The parts of a model that have weights. */
export type Network = Pick<
  BuiltParts,
  "language" | "vision" | "resampler" | "crossAttention"
>;

/** Builds those parts that have weights, as far as they can be built. */
export async function buildNetwork(
  config: GenerativeConfig,
  { builder, overrides }: Omit<BuildSetup, "misfits">,
): Promise<Network> {
  const language = await builder.build({
    slot: "language",
    part: await builder.findLanguage(config.language),
    options: config.language.options,
    entry: config.language.weights,
    neighbours: {},
    overrides: overrides.get("language"),
  });
  if (config.kind === "language") return { language, ...NO_EYES };
  return {
    language,
    ...await buildEyes(config, language, { builder, overrides }),
  };
}

type Eyes = Omit<Network, "language">;

const NO_EYES: Eyes = {
  vision: undefined,
  resampler: undefined,
  crossAttention: undefined,
};

async function buildEyes(
  config: FlamingoModelConfig,
  language: BuiltPart<"language"> | undefined,
  { builder, overrides }: Omit<BuildSetup, "misfits">,
): Promise<Eyes> {
  const build = async <S extends keyof Eyes>(
    slot: S,
    neighbours: Neighbours | undefined,
  ): Promise<BuiltPart<S> | undefined> =>
    await builder.build({
      slot,
      part: await builder.find(slot, config[slot].part),
      options: config[slot].options,
      entry: config[slot].weights,
      neighbours,
      overrides: overrides.get(slot),
    });
  const vision = await build("vision", {});
  const seen = vision && { vision: vision.value };
  const resampler = await build("resampler", seen);
  const around = resampler && language &&
    { resampler: resampler.value, language: sizesOf(language) };
  const crossAttention = await build("crossAttention", around);
  return { vision, resampler, crossAttention };
}

function sizesOf(
  { value }: BuiltPart<"language">,
): NonNullable<Neighbours["language"]> {
  const { width, vocabulary, blocks } = value;
  return { width, vocabulary, layers: blocks.length };
}
