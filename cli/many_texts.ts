/**
 * Options for several texts of one prompt: beams, or samples.
 *
 * @module
 */

import {
  type BeamOptions,
  type Flamingo,
  type Media,
  MOST_BEAMS,
  type Prefix,
  type PromptItem,
  RookeryError,
  type SamplerSettings,
  writeBeams,
  writeSamples,
  type WrittenText,
} from "../mod.ts";
import type { Options, OptionValues } from "./command.ts";

/** Options of every command that writes texts. */
export const MANY_OPTIONS = {
  beams: {
    type: "integer",
    value: "N",
    help: `Search with N beams, 1 to ${MOST_BEAMS}, and write the best text`,
  },
  lengthPenalty: {
    type: "number",
    value: "X",
    help: "With --beams: scores are divided by tokens^X (default 1)",
  },
  earlyStopping: {
    type: "text",
    value: "WHEN",
    help: "With --beams: when to end before the limit (default false)",
    choices: ["true", "false", "never"],
  },
  nBest: {
    type: "integer",
    value: "N",
    help: "With --beams: write the N best texts (default 1)",
  },
  samples: {
    type: "integer",
    value: "N",
    help: "Write N texts, with seeds from --seed on; the prompt is run once",
  },
} as const satisfies Options;

/** Writes several texts after a prompt. */
export type WriteMany = (
  model: Flamingo,
  items: readonly PromptItem<Media>[],
  settings: SamplerSettings & { readonly prefix?: Prefix | undefined },
) => Promise<WrittenText[]>;

/** What options ask for; undefined for one plain text. */
export function manyOf(
  values:
    & OptionValues<typeof MANY_OPTIONS>
    & { readonly topLogprobs: number | undefined },
): WriteMany | undefined {
  const { beams, samples } = values;
  checkTogether(values);
  if (samples !== undefined) {
    return (model, items, { prefix, ...settings }) =>
      writeSamples(model, items, settings, { count: samples, prefix });
  }
  if (beams === undefined) return undefined;
  const options: BeamOptions = {
    beams,
    returned: values.nBest ?? 1,
    ...(values.lengthPenalty === undefined
      ? {}
      : { lengthPenalty: values.lengthPenalty }),
    earlyStopping: values.earlyStopping === "never"
      ? "never"
      : values.earlyStopping === "true",
  };
  return (model, items, { prefix, ...settings }) =>
    writeBeams(model, items, settings, { ...options, prefix });
}

/** Refuses options that mean nothing together. */
function checkTogether(
  { beams, lengthPenalty, earlyStopping, nBest, samples, topLogprobs }:
    & OptionValues<typeof MANY_OPTIONS>
    & { readonly topLogprobs: number | undefined },
): void {
  const isMany = beams !== undefined || samples !== undefined;
  const alone = [
    [lengthPenalty, "--length-penalty"],
    [earlyStopping, "--early-stopping"],
    [nBest, "--n-best"],
  ].filter(([value]) => value !== undefined && beams === undefined);
  const why = beams !== undefined && samples !== undefined
    ? "--beams and --samples together: choose one of them"
    : alone.length > 0
    ? `${alone[0]![1]} without --beams: add --beams N`
    : isMany && topLogprobs !== undefined
    ? "--top-logprobs with several texts: leave it out"
    : undefined;
  if (why === undefined) return;
  throw new RookeryError("usage", `Cannot write with ${why}`);
}
