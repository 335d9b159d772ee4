/**
 * What a program costs, by the ops it is made of.
 *
 * @module
 */

import { operandsOf } from "./graph.ts";
import { type Cost, opOf } from "./op.ts";
import type { Program } from "./program.ts";
import type { Trace } from "./template.ts";

/** Work of one run of a program. */
export function programCost({ segments }: Program): Cost {
  const known = new Map<Trace, Cost>();
  return totalCost(segments.map(({ trace }) => {
    const cost = known.get(trace) ?? traceCost(trace);
    known.set(trace, cost);
    return cost;
  }));
}

/** Work of one use of a trace. */
export function traceCost({ order }: Trace): Cost {
  return totalCost(order.flatMap((tensor) => {
    const op = opOf(tensor);
    if (op === undefined || tensor.source.kind !== "op") return [];
    return [op.cost(operandsOf(tensor), tensor, tensor.source.attrs)];
  }));
}

function totalCost(costs: readonly Cost[]): Cost {
  let flops = 0, bytes = 0;
  for (const cost of costs) {
    flops += cost.flops;
    bytes += cost.bytes;
  }
  return { flops, bytes };
}
