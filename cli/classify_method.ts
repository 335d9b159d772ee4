/**
 * How `classify` scores labels: by prompts, by prototypes of the pool's
 * pictures, or by both.
 *
 * @module
 */

import {
  blankScores,
  chooseMix,
  type ChosenMix,
  type Classification,
  classify,
  classifyOrders,
  ensembleOf,
  type Flamingo,
  flamingoEncoder,
  type LabelScore,
  leaveOneOut,
  mixScores,
  type OrderReport,
  orderReport,
  outputOf,
  Prototypes,
  type Query,
  RookeryError,
} from "../mod.ts";
import type { Options, OptionValues, Output } from "./command.ts";
import { indexPool } from "./demonstrations.ts";
import { mixNote } from "./mix_note.ts";
import type { PromptExamples } from "./prompt_examples.ts";

/** Options that say how labels are scored. */
export const METHOD_OPTIONS = {
  method: {
    type: "text",
    value: "HOW",
    help: "By prompts, by mean pictures of the pool's classes, or by both",
    choices: ["prompt", "prototypes", "both"],
    default: "prompt",
  },
  labelTemplate: {
    type: "text",
    value: "TEXT",
    help: "Text of a label for CLIP (default a photo of a {label}.)",
  },
  score: {
    type: "text",
    value: "HOW",
    help:
      "Sum or mean of log-likelihoods, or mean less that of a blank picture",
    choices: ["sum", "mean", "calibrated"],
    default: "mean",
  },
  permutations: {
    type: "integer",
    value: "K",
    help: "Average scores over K orders of the examples (default 1)",
  },
} as const satisfies Options;

/** What is needed to score labels. */
export interface MethodContext {
  /** The options, and how many orders are reported on. */
  readonly options:
    & OptionValues<typeof METHOD_OPTIONS>
    & { readonly orderReport: number | undefined };
  /** The labels. */
  readonly labels: readonly string[];
  /** The examples. */
  readonly examples: PromptExamples;
  /** Where notes go. */
  readonly output: Output;
}

/** A ranking, with what orders changed where that was asked for. */
export interface MethodRanking extends Classification {
  /** What the orders changed. */
  readonly orders?: OrderReport;
}

/** Refuses methods that lack what they need. */
export function checkMethod(
  { method, permutations }: OptionValues<typeof METHOD_OPTIONS>,
  { demonstrations, prefix }: {
    readonly demonstrations: string | undefined;
    readonly prefix: string | undefined;
  },
): void {
  const reason = method !== "prompt" && demonstrations === undefined
    ? `--method ${method} needs pictures of every class: name them with ` +
      "--demonstrations"
    : permutations !== undefined && permutations < 1
    ? `--permutations ${permutations} asks nothing: give at least 1`
    : permutations !== undefined && prefix !== undefined
    ? "--prefix has its examples in one order: leave --permutations out"
    : undefined;
  if (reason === undefined) return;
  throw new RookeryError("usage", `Cannot classify as ${reason}`);
}

/** Refuses a template for labels where prompts have their own. */
export function checkTemplate(template: string | undefined): void {
  if (template === undefined) return;
  throw new RookeryError(
    "usage",
    "Cannot use --label-template as the model reads labels in its prompts: " +
      "leave it out, or name a contrastive model",
  );
}

/** A function that ranks the labels for a query. */
export async function openMethod(
  model: Flamingo,
  context: MethodContext,
): Promise<(query: Query) => Promise<MethodRanking>> {
  const { labels } = context;
  const byPrompt = promptMethod(model, context);
  if (context.options.method === "prompt") return byPrompt;
  const { cosinesOf, mix } = await openPrototypes(model, context);
  return async (query) => {
    const cosines = await cosinesOf(query);
    if (mix === undefined) return ranked(labels, cosines);
    const { scores, orders } = await byPrompt(query);
    const likelihoods = labels.map((label) => scores[label]!);
    const both = ranked(labels, mixScores({ likelihoods, cosines }, mix));
    return orders ? { ...both, orders } : both;
  };
}

function promptMethod(
  model: Flamingo,
  { options, labels, examples }: MethodContext,
): (query: Query) => Promise<MethodRanking> {
  const { permutations, orderReport: reported } = options;
  const score = options.score as LabelScore;
  if (permutations === undefined && reported === undefined) {
    let shared: Record<string, number> | undefined;
    return async (query) => {
      const own = await examples.of(query);
      if (score === "calibrated" && examples.isShared) {
        shared ??= await blankScores(model, {}, labels, own);
      }
      return await classify(model, query, labels, {
        ...own,
        score,
        blank: query.question === undefined ? shared : undefined,
      });
    };
  }
  return async (query) => {
    const runs = await classifyOrders(model, query, labels, {
      shots: await examples.shotsOf(query),
      score,
      permutations: Math.max(permutations ?? 1, reported ?? 1),
    });
    const ranking = ensembleOf(runs.slice(0, permutations ?? runs.length));
    if (reported === undefined) return ranking;
    return { ...ranking, orders: orderReport(runs.slice(0, reported)) };
  };
}

/** Prototypes of the pool, and for `both` the mix that its own pictures give. */
async function openPrototypes(
  model: Flamingo,
  { options: { method }, labels, examples, output }: MethodContext,
): Promise<{
  readonly cosinesOf: (query: Query) => Promise<number[]>;
  readonly mix: ChosenMix | undefined;
}> {
  const demonstrations = examples.demonstrations!;
  const encoder = flamingoEncoder(model);
  const { path, pool: whole } = demonstrations;
  const { pool, vectors } = await indexPool(encoder, path, {
    pool: whole,
    output,
  });
  const given = pool.map(outputOf);
  const prototypes = new Prototypes(labels, { vectors, labels: given });
  const cosinesOf = async ({ image }: Query) =>
    prototypes.cosines((await encoder.embed([image]))[0]!);
  if (method === "prototypes") return { cosinesOf, mix: undefined };
  const places = [...whole.keys()];
  const cases = await leaveOneOut(model, labels, {
    shots: pool,
    vectors,
    shotsFor: (place) => {
      const own = whole.indexOf(pool[place]!);
      const among = places.filter((other) => other !== own);
      return demonstrations.shotsFor({ image: pool[place]!.image }, among);
    },
  });
  const mix = chooseMix(cases);
  output.note(mixNote(mix, "prompts"));
  return { cosinesOf, mix };
}

function ranked(
  labels: readonly string[],
  scores: readonly number[],
): Classification {
  const best = scores.indexOf(Math.max(...scores));
  return {
    label: labels[best]!,
    scores: Object.fromEntries(labels.map((label, i) => [label, scores[i]!])),
  };
}
