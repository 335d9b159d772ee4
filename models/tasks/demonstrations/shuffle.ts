/**
 * Orders by lot.
 *
 * @module
 */

import { MersenneTwister } from "../../../core/mersenne_twister.ts";

/** Items in an order by lot (Fisher and Yates, from the end). */
export function shuffled<Item>(
  items: readonly Item[],
  random: MersenneTwister,
): Item[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * `most` different orders of `count` places, by lot; fewer where there are no
 * more: 2 things have 2 orders.
 */
export function permutationsOf(
  count: number,
  { most, seed = 0 }: { readonly most: number; readonly seed?: number },
): number[][] {
  let possible = 1;
  for (let i = 2; i <= count && possible < most; i++) possible *= i;
  const random = new MersenneTwister(seed);
  const places = Array.from({ length: count }, (_, i) => i);
  const orders = new Map<string, number[]>();
  while (orders.size < Math.min(most, possible)) {
    const order = shuffled(places, random);
    orders.set(order.join(), order);
  }
  return [...orders.values()];
}
