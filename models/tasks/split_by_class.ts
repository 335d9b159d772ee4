/**
 * Labelled things in those to ask about and those to learn from.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { MersenneTwister } from "../../core/mersenne_twister.ts";
import { shuffled } from "./demonstrations/shuffle.ts";

/** A split of places. */
export interface ClassSplit {
  /** Classes, as they first occur. */
  readonly classes: readonly string[];
  /** Places that are asked about, by lot. */
  readonly queries: readonly number[];
  /** Places to learn from: class by class in turn, by lot within each. */
  readonly training: readonly number[];
}

/**
 * Splits labelled things: up to `queries` to ask about, of every class at most
 * half, as evenly as may be; all others to learn from.
 *
 * @throws {RookeryError} `prompt` for fewer than two classes, or a class with
 * a single thing
 */
export function splitByClass(
  labels: readonly string[],
  { queries, seed }: { readonly queries: number; readonly seed: number },
): ClassSplit {
  const groups = Map.groupBy(labels.keys(), (place) => labels[place]!);
  const classes = [...groups.keys()];
  const [single] = groups.entries().find(([, own]) => own.length < 2) ?? [];
  if (classes.length < 2 || single !== undefined) {
    throw new RookeryError(
      "prompt",
      "Cannot split pictures into those to learn from and those to ask about " +
        (single === undefined
          ? `as there is ${classes.length} class: give at least 2`
          : `as "${single}" has a single one: give at least 2 of every class`),
    );
  }
  const random = new MersenneTwister(seed);
  const dealt = classes.map((name) => shuffled(groups.get(name)!, random));
  const halves = dealt.map((own) => own.slice(0, Math.floor(own.length / 2)));
  const asked = inTurn(halves).slice(0, queries);
  const isAsked = new Set(asked);
  const rest = dealt.map((own) => own.filter((place) => !isAsked.has(place)));
  return {
    classes,
    queries: shuffled(asked, random),
    training: inTurn(rest),
  };
}

/** The first of each list, the second of each, … */
function inTurn(lists: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => i)
    .flatMap((i) => lists.flatMap((list) => list.slice(i, i + 1)));
}
