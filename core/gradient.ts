/**
 * Reverse-mode derivatives: a graph in, a larger graph out.
 *
 * @module
 */

import { RookeryError } from "./errors.ts";
import { orderOf } from "./graph.ts";
import { type AnyOp, opOf } from "./op.ts";
import { showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** How gradients of one value from several uses are summed: the `add` op. */
export type AddTensors = (a: Tensor, b: Tensor) => Tensor;

/**
 * Gradients of `sum(output · seed)` by each of `wrt`; a value that `output`
 * does not depend on gets `null`. `add` is passed in because core knows no op.
 */
export function buildGradients(
  output: Tensor,
  seed: Tensor,
  wrt: readonly Tensor[],
  add: AddTensors,
): (Tensor | null)[] {
  const order = orderOf([output]);
  const needed = dependents(order, new Set(wrt));
  const grads = new Map<Tensor, Tensor>([[output, seed]]);
  for (const tensor of order.toReversed()) {
    const grad = grads.get(tensor);
    if (grad === undefined || tensor.source.kind !== "op") continue;
    const inputs = tensor.source.inputs;
    if (!inputs.some((input) => needed.has(input))) continue;
    const parts = gradientsOf(tensor, grad, opOf(tensor)!);
    inputs.forEach((input, i) => {
      const part = parts[i];
      if (!part || !needed.has(input)) return;
      checkShape(tensor, input, part);
      const sum = grads.get(input);
      grads.set(input, sum ? add(sum, part) : part);
    });
  }
  return wrt.map((tensor) => grads.get(tensor) ?? null);
}

/** Values of `order` that depend on (or are) one of `wrt`. */
function dependents(
  order: readonly Tensor[],
  wrt: ReadonlySet<Tensor>,
): Set<Tensor> {
  const needed = new Set<Tensor>();
  for (const tensor of order) {
    const inputs = tensor.source.kind === "op" ? tensor.source.inputs : [];
    if (wrt.has(tensor) || inputs.some((input) => needed.has(input))) {
      needed.add(tensor);
    }
  }
  return needed;
}

function gradientsOf(
  output: Tensor,
  grad: Tensor,
  op: AnyOp,
): readonly (Tensor | null)[] {
  if (op.gradient === "none" || output.source.kind !== "op") {
    throw new RookeryError(
      "config",
      `Cannot differentiate through ${op.name} as it has no gradient: take ` +
        "derivatives by values after it, or use another op",
      { op: op.name },
    );
  }
  const { inputs, attrs } = output.source;
  return op.gradient({ grad, inputs, output, attrs });
}

function checkShape(output: Tensor, input: Tensor, grad: Tensor): void {
  if (input.shape.join() === grad.shape.join()) return;
  const op = opOf(output)!.name;
  throw new RookeryError(
    "shape",
    `Gradient rule of ${op} gave shape ${showShape(grad.shape)} for an ` +
      `operand of shape ${showShape(input.shape)}`,
    { op, expected: input.shape, actual: grad.shape },
  );
}
