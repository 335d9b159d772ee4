/**
 * What a model says of a text, token by token, and how two such sayings differ.
 *
 * @module
 */

import { largest, nll } from "./measure_case.ts";

/** What one precision says. */
export interface Told {
  /** Negative log-likelihood of each token, in nats. */
  readonly nll: readonly number[];
  /** The likeliest token at the place of each. */
  readonly best: readonly number[];
}

/** One row of the tables. */
export interface ToldAccuracy {
  /** Name of the precision. */
  readonly name: string;
  /** Tokens whose likelihood was taken. */
  readonly tokens: number;
  /** Mean negative log-likelihood, in nats a token. */
  readonly nll: number;
  /** Its change from the first row's. */
  readonly deltaNll: number;
  /** Half the width of the change's 95 % interval. */
  readonly margin: number;
  /** Share of positions where the likeliest token is the first row's. */
  readonly top1: number;
}

/** What logits [l, v] say of the token after each of their places. */
export function toldBy(
  logits: Float32Array,
  targets: readonly number[],
  from = 0,
): Told {
  const width = logits.length / (from + targets.length);
  const rows = targets.map((_, i) =>
    logits.subarray((from + i) * width, (from + i + 1) * width)
  );
  return {
    nll: rows.map((row, i) => nll(row, targets[i]!)),
    best: rows.map(largest),
  };
}

/** Several sayings as one. */
export function joinTold(all: readonly Told[]): Told {
  return {
    nll: all.flatMap((each) => each.nll),
    best: all.flatMap((each) => each.best),
  };
}

/** How far one saying is from the first. */
export function compareTold(
  name: string,
  told: Told,
  first: Told,
): ToldAccuracy {
  const tokens = told.nll.length;
  const changes = told.nll.map((value, i) => value - first.nll[i]!);
  const deltaNll = mean(changes);
  const spread = mean(changes.map((each) => (each - deltaNll) ** 2));
  const same = told.best.filter((token, i) => token === first.best[i]).length;
  return {
    name,
    tokens,
    nll: mean(told.nll),
    deltaNll,
    margin: 1.96 * Math.sqrt(spread / tokens),
    top1: same / tokens,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
