/**
 * Templates: one graph for a kind of block, used by every layer of that kind
 * with weights of its own. A model of 80 layers is planned as cheaply as one
 * of two.
 *
 * @module
 */

import { RookeryError } from "./errors.ts";
import { checkDonations, operandsOf, orderOf } from "./graph.ts";
import { packedOperands } from "./op.ts";
import { isSameShape, type Shape, showShape } from "./shape.ts";
import { leaf, type Tensor, type TensorType } from "./tensor.ts";

/** Values by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A kind of block: adds nodes for its inputs and weights. */
export interface Template {
  /** Name for messages and profiles. */
  readonly name: string;
  /** Builds the graph. Same types in, same graph out; no other effect. */
  build(scope: WeightScope, inputs: Tensors): Tensors;
}

/** Names weights by path; asking twice for a name gives the same leaf. */
export class WeightScope {
  #leaves: Map<string, Tensor>;
  #prefix: string;

  /** Starts at the root of a template. */
  constructor(leaves: Map<string, Tensor>, prefix: string = "") {
    this.#leaves = leaves;
    this.#prefix = prefix;
  }

  /** The scope below this one, e.g. `scope.at("layers", 3)`. */
  at(...path: readonly (string | number)[]): WeightScope {
    return new WeightScope(this.#leaves, `${this.#prefix}${path.join(".")}.`);
  }

  /** The weight `name` of this scope; sizes in the checkpoint's order. */
  weight(name: string, shape: Shape): Tensor {
    const path = this.#prefix + name;
    const known = this.#leaves.get(path);
    if (known === undefined) {
      const made = leaf("weight", path, { dtype: "f32", shape });
      this.#leaves.set(path, made);
      return made;
    }
    if (isSameShape(known.shape, shape)) return known;
    throw new RookeryError(
      "shape",
      `Cannot use weight ${path} as ${showShape(shape)} as it is used as ` +
        `${showShape(known.shape)} elsewhere in the same block`,
      { path, expected: known.shape, actual: shape },
    );
  }
}

/** A template's graph for inputs of certain types. */
export interface Trace {
  /** The template's name. */
  readonly name: string;
  /** Leaves that stand for the inputs and states handed in. */
  readonly inputs: Tensors;
  /** Leaves that stand for weights, by path in the template. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Results. */
  readonly outputs: Tensors;
  /** All values needed for the results, operands first. */
  readonly order: readonly Tensor[];
  /** Labelled values, for taps. */
  readonly labels: ReadonlyMap<string, Tensor>;
}

/** Type of a value handed to a template, and whether it is a state. */
export interface InputType extends TensorType {
  /** Kept between runs, may be donated. */
  readonly isState: boolean;
}

/** Builds a template's graph and checks it. */
export function traceTemplate(
  template: Template,
  types: Readonly<Record<string, InputType>>,
): Trace {
  const inputs = Object.fromEntries(
    Object.entries(types).map(([name, type]) => [
      name,
      leaf(type.isState ? "state" : "input", name, type),
    ]),
  );
  const weights = new Map<string, Tensor>();
  const outputs = template.build(new WeightScope(weights), inputs);
  return traceGraph(template.name, inputs, weights, outputs);
}

/** A trace of a graph that was built outside a template. */
export function traceGraph(
  name: string,
  inputs: Tensors,
  weights: ReadonlyMap<string, Tensor>,
  outputs: Tensors,
): Trace {
  const order = orderOf(Object.values(outputs));
  checkDonations(order);
  const labels = new Map(
    order.flatMap((t) => t.label === undefined ? [] : [[t.label, t] as const]),
  );
  return { name, inputs, weights, outputs, order, labels };
}

/**
 * Weights that a trace uses in packed form: those that only ops with a packed
 * operand read. A weight that is read both ways is refused.
 */
export function packedWeights(trace: Trace): ReadonlySet<string> {
  const packed = new Set<string>(), dense = new Set<string>();
  for (const tensor of trace.order) {
    const packs = packedOperands(tensor);
    operandsOf(tensor).forEach((operand, i) => {
      if (operand.source.kind !== "weight") return;
      const isPacked = packs.includes(i);
      (isPacked ? packed : dense).add(operand.source.name);
    });
  }
  for (const name of packed) {
    if (!dense.has(name)) continue;
    throw new RookeryError(
      "config",
      `Cannot lay out weight ${name} of ${trace.name} as it is used both by ` +
        "an op that packs it and by one that does not",
      { path: name },
    );
  }
  return packed;
}
