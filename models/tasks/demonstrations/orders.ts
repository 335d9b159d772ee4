/**
 * The same query after the same demonstrations in several orders: what the
 * order changes, and answers that depend on it less.
 *
 * @module
 */

import type { Flamingo } from "../../flamingo/flamingo.ts";
import { describe, type DescribeOptions } from "../caption.ts";
import {
  type Classification,
  classify,
  type ClassifyOptions,
} from "../classify.ts";
import type { Query, Shot } from "../shot.ts";
import { permutationsOf } from "./shuffle.ts";

/** Which orders are tried. */
export interface OrdersOptions {
  /** The demonstrations. */
  readonly shots: readonly Shot[];
  /**
   * How many different orders, by lot; fewer where there are no more. Default
   * 6, as Flamingo ensembles.
   */
  readonly permutations?: number;
  /** Seed of the orders. Default 0. */
  readonly orderSeed?: number;
}

/** What a model said after one order. */
export interface OrderRun {
  /** Places of the demonstrations, as they stood in the prompt. */
  readonly order: readonly number[];
  /** Its text, or its likeliest label. */
  readonly text: string;
  /** Score of each label; for a text its log-likelihood, by that name. */
  readonly scores: Readonly<Record<string, number>>;
}

/** How a score varies over orders. */
export interface ScoreSpread {
  /** Mean. */
  readonly mean: number;
  /** Standard deviation over these orders. */
  readonly deviation: number;
  /** Least. */
  readonly low: number;
  /** Greatest. */
  readonly high: number;
}

/** How much depends on the order. */
export interface OrderReport {
  /** Orders that were tried. */
  readonly orders: number;
  /** Texts or labels with how many orders led to them, the most first. */
  readonly answers: readonly {
    readonly text: string;
    readonly count: number;
  }[];
  /** Share of the orders that led to the most frequent answer. */
  readonly agreement: number;
  /** Spread of every score. */
  readonly spread: Readonly<Record<string, ScoreSpread>>;
}

/** Ranks labels after each of several orders. */
export async function classifyOrders(
  model: Flamingo,
  query: Query,
  labels: readonly string[],
  options: OrdersOptions & Omit<ClassifyOptions, "shots">,
): Promise<OrderRun[]> {
  const { shots, permutations, orderSeed, ...rest } = options;
  const runs: OrderRun[] = [];
  for (const order of ordersOf({ shots, permutations, orderSeed })) {
    const own = order.map((place) => shots[place]!);
    const { label, scores } = await classify(model, query, labels, {
      ...rest,
      shots: own,
    });
    runs.push({ order, text: label, scores });
  }
  return runs;
}

/** Captions or answers after each of several orders. */
export async function describeOrders(
  model: Flamingo,
  query: Query,
  options: OrdersOptions & Omit<DescribeOptions, "shots">,
): Promise<OrderRun[]> {
  const { shots, permutations, orderSeed, ...rest } = options;
  const runs: OrderRun[] = [];
  for (const order of ordersOf({ shots, permutations, orderSeed })) {
    const own = order.map((place) => shots[place]!);
    const settings = { ...rest, shots: own };
    const { text, logLikelihood } = await describe(model, query, settings);
    runs.push({ order, text, scores: { logLikelihood } });
  }
  return runs;
}

/** One ranking of several: the mean of each label's log-likelihoods. */
export function ensembleOf(runs: readonly OrderRun[]): Classification {
  const scores = Object.fromEntries(
    Object.entries(orderReport(runs).spread)
      .map(([label, { mean }]) => [label, mean]),
  );
  const best = Math.max(...Object.values(scores));
  const [label] = Object.entries(scores).find(([, mean]) => mean === best)!;
  return { label, scores };
}

/** Compares what several orders led to. */
export function orderReport(runs: readonly OrderRun[]): OrderReport {
  const counts = new Map<string, number>();
  for (const { text } of runs) counts.set(text, (counts.get(text) ?? 0) + 1);
  const answers = [...counts].map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count);
  const names = Object.keys(runs[0]?.scores ?? {});
  const spread = Object.fromEntries(
    names.map((name) => [name, spreadOf(runs.map((run) => run.scores[name]!))]),
  );
  const agreement = (answers[0]?.count ?? 0) / runs.length;
  return { orders: runs.length, answers, agreement, spread };
}

function ordersOf(
  { shots, permutations = 6, orderSeed = 0 }: {
    readonly shots: readonly Shot[];
    readonly permutations: number | undefined;
    readonly orderSeed: number | undefined;
  },
): number[][] {
  return permutationsOf(shots.length, { most: permutations, seed: orderSeed });
}

function spreadOf(values: readonly number[]): ScoreSpread {
  const sum = values.reduce((all, value) => all + value, 0);
  const mean = sum / values.length;
  const squares = values.reduce((all, value) => all + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: Math.sqrt(squares / values.length),
    low: Math.min(...values),
    high: Math.max(...values),
  };
}
