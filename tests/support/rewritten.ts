/**
 * Graphs before and after rewrite rules, for tests of the rules.
 *
 * @module
 */

import { evaluate } from "../../core/evaluate.ts";
import { opOf } from "../../core/op.ts";
import { type RewriteRule, rewriteTrace } from "../../core/rewrite.ts";
import { sizeOf } from "../../core/shape.ts";
import { traceGraph } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { assertClose } from "./assert_close.ts";
import { createRandom, randomValues } from "./random.ts";

/** Names of the ops of a rewritten graph, in order; views are left out. */
export function rewritten(
  outputs: readonly Tensor[],
  rules: readonly RewriteRule[],
  given: ReadonlyMap<Tensor, ReturnType<typeof randomValues>> = new Map(),
): string[] {
  const named = Object.fromEntries(outputs.map((y, i) => [`y${i}`, y]));
  const before = traceGraph("before", {}, new Map(), named);
  const after = rewriteTrace(before, rules);
  const random = createRandom(1);
  const values = new Map(given);
  const leafValues = (leaf: Tensor) => {
    const known = values.get(leaf) ??
      randomValues(random, leaf.dtype, sizeOf(leaf.shape), [-1, 1]);
    values.set(leaf, known);
    return known.slice();
  };
  const expected = evaluate(Object.values(before.outputs), leafValues);
  const actual = evaluate(Object.values(after.outputs), leafValues);
  expected.forEach((each, i) =>
    assertClose(`y${i}`, actual[i]!, each, { tolerance: 1e-5 })
  );
  return after.order.filter((each) => opOf(each) && !opOf(each)!.isView)
    .map((each) => opOf(each)!.name);
}
