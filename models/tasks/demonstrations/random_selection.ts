/**
 * Demonstrations by lot, from all of a pool or from each of its classes alike.
 *
 * @module
 */

import { MersenneTwister } from "../../../core/mersenne_twister.ts";
import { shuffled } from "./shuffle.ts";
import {
  type ChosenShot,
  outputOf,
  placesFor,
  type Selection,
} from "./selection.ts";

/** Shots by lot; the same seed, the same shots in the same order. */
export function randomSelection(): Selection {
  return {
    name: "random",
    readsQuery: false,
    // Async, so that a refusal comes as a rejection.
    // deno-lint-ignore require-await
    async choose(pool, request) {
      const places = placesFor(pool, request);
      const random = new MersenneTwister(request.seed ?? 0);
      return shuffled(places, random).slice(0, request.count)
        .map((place) => ({ place, shot: pool[place]! }));
    },
  };
}

/**
 * As many shots of every class, chosen within each by another strategy (by
 * lot, if none is given), then shuffled: a prompt with one class after the
 * other would favour the last. What cannot be divided evenly goes to classes
 * that are drawn. A class is what the shots' texts or answers say.
 */
export function balancedSelection(
  within: Selection = randomSelection(),
): Selection {
  return {
    name: within.name === "random" ? "balanced" : `balanced ${within.name}`,
    readsQuery: within.readsQuery,
    async choose(pool, request) {
      const { count, seed = 0 } = request;
      const { among = [...pool.keys()] } = request;
      // A class that is too small says more than a pool that is.
      const places = placesFor(pool, {
        ...request,
        count: among.length === 0 ? count : Math.min(count, among.length),
      });
      const classes = Map.groupBy(places, (place) => outputOf(pool[place]!));
      const random = new MersenneTwister(seed);
      const names = shuffled([...classes.keys()], random);
      const chosen: ChosenShot[] = [];
      for (const [i, name] of names.entries()) {
        const share = Math.floor(count / names.length) +
          (i < count % names.length ? 1 : 0);
        const own = { ...request, count: share, among: classes.get(name)! };
        placesFor(pool, own, `class "${name}"`);
        chosen.push(
          ...await within.choose(pool, {
            ...own,
            seed: random.uint32(),
          }),
        );
      }
      return shuffled(chosen, random);
    },
  };
}
