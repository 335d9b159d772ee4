/**
 * Classification: labels ranked by how likely the model finds them.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Flamingo } from "../flamingo/flamingo.ts";
import type { Prefix } from "../flamingo/prefix.ts";
import { buildShots, outputText, type Query, type Shot } from "./shots.ts";

/** A ranking of labels. */
export interface Classification {
  /** The likeliest label. */
  readonly label: string;
  /** Mean log-likelihood a token of each label, in the order given. */
  readonly scores: Readonly<Record<string, number>>;
}

/** Options of `classify`. */
export interface ClassifyOptions {
  /** Examples, in order. Default none. */
  readonly shots?: readonly Shot[];
  /** What comes before the shots, e.g. saved shots. Default nothing. */
  readonly prefix?: Prefix | undefined;
}

/** Ranks labels by mean log-likelihood a token, the end mark included. */
export async function classify(
  model: Flamingo,
  query: Query,
  labels: readonly string[],
  options: ClassifyOptions = {},
): Promise<Classification> {
  checkLabels(labels);
  const { style } = model;
  const items = buildShots(style, options.shots ?? [], query);
  const texts = labels.map((label) => outputText(style, label, query.question));
  const scores = await model.score(items, texts, options.prefix);
  const means = scores.map(({ logLikelihood, tokens }) =>
    logLikelihood / tokens
  );
  const best = means.indexOf(Math.max(...means));
  return {
    label: labels[best]!,
    scores: Object.fromEntries(labels.map((label, i) => [label, means[i]!])),
  };
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
