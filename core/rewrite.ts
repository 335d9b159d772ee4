/**
 * Rewrites graphs: small rules put one op in the place of several. Rules know
 * ops, this file does not; it finds where they apply and rebuilds the graph.
 *
 * @module
 */

import { operandsOf, orderOf } from "./graph.ts";
import { type Trace, traceGraph } from "./template.ts";
import { Tensor } from "./tensor.ts";

/** What a rule may ask about the graph that it looks at. */
export interface GraphUses {
  /** How often a value is read: by ops, and once more where it is a result. */
  count(tensor: Tensor): number;
}

/** New values for old ones, made of the old graph's values. */
export type Replacements = ReadonlyMap<Tensor, Tensor>;

/** One rewrite. */
export interface RewriteRule {
  /** Name for messages and tests. */
  readonly name: string;
  /**
   * Replacements where `tensor` is the last value of the rule's pattern, or
   * undefined. A value that other ops read must not be swallowed.
   */
  match(tensor: Tensor, uses: GraphUses): Replacements | undefined;
}

/** A trace with all rules applied, in order, each as often as it matches. */
export function rewriteTrace(
  trace: Trace,
  rules: readonly RewriteRule[],
): Trace {
  const names = Object.keys(trace.outputs);
  let outputs: readonly Tensor[] = Object.values(trace.outputs);
  for (const rule of rules) outputs = applyRule(outputs, rule);
  const { name, inputs, weights } = trace;
  const results = Object.fromEntries(names.map((key, i) => [key, outputs[i]!]));
  return traceGraph(name, inputs, weights, results);
}

/** The results of a graph after one rule, applied wherever it matches. */
function applyRule(
  outputs: readonly Tensor[],
  rule: RewriteRule,
): readonly Tensor[] {
  for (;;) {
    const uses = countUses(outputs);
    const found = new Map<Tensor, Tensor>();
    for (const tensor of orderOf(outputs)) {
      const own = rule.match(tensor, uses);
      if (own === undefined) continue;
      for (const [old, made] of own) found.set(old, made);
      // What a match swallowed may not be matched again before a rebuild.
      break;
    }
    if (found.size === 0) return outputs;
    outputs = rebuild(outputs, found);
  }
}

function countUses(outputs: readonly Tensor[]): GraphUses {
  const counts = new Map<Tensor, number>();
  const add = (tensor: Tensor): void => {
    counts.set(tensor, (counts.get(tensor) ?? 0) + 1);
  };
  outputs.forEach(add);
  for (const tensor of orderOf(outputs)) operandsOf(tensor).forEach(add);
  return { count: (tensor) => counts.get(tensor) ?? 0 };
}

/** The same graph with other values in some places. */
function rebuild(
  outputs: readonly Tensor[],
  replaced: Replacements,
): readonly Tensor[] {
  const made = new Map<Tensor, Tensor>();
  const renew = (tensor: Tensor): Tensor => {
    const known = made.get(tensor);
    if (known !== undefined) return known;
    const other = replaced.get(tensor);
    const fresh = other === undefined
      ? withOperands(tensor, operandsOf(tensor).map(renew))
      : labelled(renew(other), tensor.label);
    made.set(tensor, fresh);
    return fresh;
  };
  return outputs.map(renew);
}

function withOperands(tensor: Tensor, inputs: readonly Tensor[]): Tensor {
  const { source } = tensor;
  if (source.kind !== "op") return tensor;
  if (inputs.every((input, i) => input === source.inputs[i])) return tensor;
  return new Tensor(tensor, { ...source, inputs }, tensor.label);
}

function labelled(tensor: Tensor, label: string | undefined): Tensor {
  if (label === undefined || tensor.label === label) return tensor;
  return new Tensor(tensor, tensor.source, label);
}
