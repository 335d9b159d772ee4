/**
 * Classification: labels ranked by how likely the model finds them.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Flamingo, TextScore } from "../flamingo/flamingo.ts";
import type { Prefix } from "../flamingo/prefix.ts";
import type { Picture } from "../slots.ts";
import type { Query, Shot } from "./shot.ts";
import { taskPrompt } from "./task_prompt.ts";

/** A ranking of labels. */
export interface Classification {
  /** The likeliest label. */
  readonly label: string;
  /** Score of each label, in the order given; by default the mean. */
  readonly scores: Readonly<Record<string, number>>;
}

/**
 * How labels are scored by the log-likelihoods of their tokens, the end mark
 * included: their sum; their mean, which does not prefer short labels; or their
 * mean less that after a blank picture, which does not prefer frequent ones.
 */
export type LabelScore = "sum" | "mean" | "calibrated";

/** Options of `classify`. */
export interface ClassifyOptions {
  /** Examples, in order. Default none. */
  readonly shots?: readonly Shot[];
  /** What comes before the shots, e.g. saved shots. Default nothing. */
  readonly prefix?: Prefix | undefined;
  /** How labels are scored. Default `"mean"`. */
  readonly score?: LabelScore;
  /**
   * For `"calibrated"`: means after a blank picture, as `blankScores` gives
   * them, for those who rank labels for many pictures. Default found anew.
   */
  readonly blank?: Readonly<Record<string, number>> | undefined;
  /** Whether the examples' pictures are left out, as the paper does at 0 shots. */
  readonly isTextOnly?: boolean;
}

/**
 * Ranks labels by their likelihood after a prompt. The prompt is run once, and
 * what labels begin with in common is run once.
 *
 * @throws {RookeryError} `prompt` for fewer than two labels, empty or equal ones
 */
export async function classify(
  model: Flamingo,
  query: Query,
  labels: readonly string[],
  options: ClassifyOptions = {},
): Promise<Classification> {
  checkLabels(labels);
  const { score = "mean", blank: known, ...rest } = options;
  const blank = score === "calibrated"
    ? known ?? await blankScores(model, query, labels, rest)
    : {};
  const likelihoods = await likelihoodsOf(model, query, labels, rest);
  const values = likelihoods.map(({ logLikelihood, tokens }, i) =>
    score === "sum"
      ? logLikelihood
      : logLikelihood / tokens - (blank[labels[i]!] ?? 0)
  );
  const best = values.indexOf(Math.max(...values));
  return {
    label: labels[best]!,
    scores: Object.fromEntries(labels.map((label, i) => [label, values[i]!])),
  };
}

/** A picture that shows nothing: even grey, which any processor takes. */
export function blankPicture(): Picture {
  const size = 64, data = new Uint8Array(size * size * 4).fill(128);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width: size, height: size, data };
}

/**
 * Mean log-likelihood a token of each label after the same prompt with a blank
 * picture: what the model expects without seeing.
 */
export async function blankScores(
  model: Flamingo,
  query: Omit<Query, "image">,
  labels: readonly string[],
  options: Pick<ClassifyOptions, "shots" | "prefix" | "isTextOnly"> = {},
): Promise<Record<string, number>> {
  const blind = { ...query, image: blankPicture() };
  const likelihoods = await likelihoodsOf(model, blind, labels, options);
  return Object.fromEntries(
    likelihoods.map(({ logLikelihood, tokens }, i) => [
      labels[i]!,
      logLikelihood / tokens,
    ]),
  );
}

async function likelihoodsOf(
  model: Flamingo,
  query: Query,
  labels: readonly string[],
  { shots = [], prefix, isTextOnly = false }: ClassifyOptions,
): Promise<TextScore[]> {
  const { items, output } = taskPrompt({
    style: model.style,
    task: query.question === undefined ? "classify" : undefined,
    shots,
    query,
    isTextOnly,
  });
  return await model.score(items, labels.map(output), prefix);
}

function checkLabels(labels: readonly string[]): void {
  const names = labels.map((label) => label.trim());
  const empty = names.indexOf("");
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  const reason = labels.length < 2
    ? `there are ${labels.length}: give at least 2`
    : empty >= 0
    ? `label ${empty + 1} is empty: give every label some text`
    : twice !== undefined
    ? `"${twice}" is given twice: give every label once`
    : undefined;
  if (reason === undefined) return;
  throw new RookeryError("prompt", `Cannot rank labels as ${reason}`, {
    actual: labels,
  });
}
