/**
 * Demonstrations as cases whose answers are known: each is asked about with
 * the others before it.
 *
 * @module
 */

import { MersenneTwister } from "../../../core/mersenne_twister.ts";
import type { Flamingo } from "../../flamingo/flamingo.ts";
import { classify, type ClassifyOptions } from "../classify.ts";
import type { MixCase } from "../mixed_scores.ts";
import { Prototypes } from "../prototypes.ts";
import type { Shot } from "../shot.ts";
import { outputOf } from "./selection.ts";
import { shuffled } from "./shuffle.ts";

/** What cases are made of. */
export interface LeaveOneOutOptions
  extends Omit<ClassifyOptions, "shots" | "prefix"> {
  /** Demonstrations; their texts are labels. */
  readonly shots: readonly Shot[];
  /** Their pictures' unit vectors [d]. */
  readonly vectors: readonly Float32Array[];
  /**
   * Most cases, drawn by lot of those that can be one. Each costs a prompt of
   * all the others. Default 16.
   */
  readonly most?: number;
  /**
   * Demonstrations of the prompt that asks about the one at a place, which must
   * not be among them. Default all others, in their order.
   */
  readonly shotsFor?: (place: number) => Promise<readonly Shot[]>;
  /** Seed of the lot. Default 0. */
  readonly seed?: number;
}

/**
 * Scores of the labels for demonstrations that are left out of prompt and
 * prototypes in turn. One that is the only one of its class cannot be a case,
 * as its class would have no prototype.
 */
export async function leaveOneOut(
  model: Flamingo,
  labels: readonly string[],
  options: LeaveOneOutOptions,
): Promise<MixCase[]> {
  const { shots, vectors, most = 16, seed = 0, ...more } = options;
  const others = (place: number) =>
    Promise.resolve(shots.filter((_, i) => i !== place));
  const { shotsFor = others, ...rest } = more;
  const given = shots.map(outputOf);
  const prototypes = new Prototypes(labels, { vectors, labels: given });
  const places = [...shots.keys()].filter((place) =>
    labels.includes(given[place]!) &&
    given.filter((label) => label === given[place]).length > 1
  );
  const cases: MixCase[] = [];
  const drawn = shuffled(places, new MersenneTwister(seed)).slice(0, most);
  for (const place of drawn) {
    const query = "question" in shots[place]!
      ? { image: shots[place].image, question: shots[place].question }
      : { image: shots[place]!.image };
    const { scores } = await classify(model, query, labels, {
      ...rest,
      shots: await shotsFor(place),
    });
    cases.push({
      likelihoods: labels.map((label) => scores[label]!),
      cosines: prototypes.cosines(vectors[place]!, place),
      answer: labels.indexOf(given[place]!),
    });
  }
  return cases;
}
