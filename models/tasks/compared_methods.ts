/**
 * Ways to learn labels from pictures, as `compareMethods` compares them.
 *
 * @module
 */

import type { Flamingo } from "../flamingo/flamingo.ts";
import { classify } from "./classify.ts";
import { FeatureSearch } from "./demonstrations/feature_search.ts";
import { promptCost } from "./demonstrations/prompt_cost.ts";
import {
  chooseStrength,
  fitLogisticHead,
  predictByHead,
} from "./logistic_regression.ts";
import { argmax } from "./mixed_scores.ts";
import { type LabelledVectors, Prototypes } from "./prototypes.ts";
import type { Shot } from "./shot.ts";

/** Labels that a method learns from. */
export interface Known extends LabelledVectors {
  /** Their pictures with labels. */
  readonly shots: readonly Shot[];
}

/** A method that has learnt. */
export interface ReadyMethod extends Disposable {
  /** Label of the picture at a place of the pool. */
  answer(place: number): string | Promise<string>;
  /** Tokens of all prompts so far. */
  readonly tokens: number;
}

/** What all methods know. */
export interface MethodContext {
  /** The model. */
  readonly model: Flamingo;
  /** All pictures. */
  readonly pool: readonly Shot[];
  /** Their vectors. */
  readonly vectors: readonly Float32Array[];
  /** All classes. */
  readonly classes: readonly string[];
  /** Most examples of a prompt. */
  readonly shots: number;
  /** Seed of what is left to chance. */
  readonly seed: number;
}

/** What can be compared, by name; each gives a method that has learnt. */
export const COMPARED_METHODS = {
  "most frequent": mostFrequent,
  "prompt": promptMethod,
  "prototypes": prototypeMethod,
  "head": headMethod,
} as const satisfies Readonly<
  Record<
    string,
    (known: Known, context: MethodContext) => ReadyMethod | Promise<ReadyMethod>
  >
>;

/** Name of a method. */
export type ComparedMethod = keyof typeof COMPARED_METHODS;

function ready(answer: ReadyMethod["answer"]): ReadyMethod {
  return { answer, tokens: 0, [Symbol.dispose]() {} };
}

function mostFrequent({ labels }: Known): ReadyMethod {
  const counts = [...Map.groupBy(labels, (label) => label)];
  const [name] = counts.reduce((a, b) => b[1].length > a[1].length ? b : a);
  return ready(() => name);
}

/** The nearest known pictures as examples, the most similar last. */
async function promptMethod(
  known: Known,
  { model, pool, vectors, classes, shots: most }: MethodContext,
): Promise<ReadyMethod> {
  const search = await FeatureSearch.open(model.device, known.vectors);
  const count = Math.min(most, known.shots.length);
  let tokens = 0;
  return {
    async answer(place) {
      const nearest = await search.nearest(vectors[place]!, count);
      const shots = nearest.toReversed().map((each) =>
        known.shots[each.place]!
      );
      tokens += promptCost(model, shots).tokens;
      const query = { image: pool[place]!.image };
      return (await classify(model, query, classes, { shots })).label;
    },
    get tokens() {
      return tokens;
    },
    [Symbol.dispose]: () => search[Symbol.dispose](),
  };
}

function prototypeMethod(
  known: Known,
  { vectors }: MethodContext,
): ReadyMethod {
  const classes = [...new Set(known.labels)];
  const prototypes = new Prototypes(classes, known);
  return ready((place) =>
    classes[argmax(prototypes.cosines(vectors[place]!))]!
  );
}

function headMethod(
  known: Known,
  { vectors, seed }: MethodContext,
): ReadyMethod {
  const strength = chooseStrength(known, seed);
  const head = fitLogisticHead(known, { strength });
  return ready((place) => predictByHead(head, vectors[place]!));
}
