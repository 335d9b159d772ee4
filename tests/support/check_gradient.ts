/**
 * Compares an op's gradient rule with central finite differences of its CPU
 * meaning. Both run on 64-bit numbers, so that the comparison can be strict.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  buildGradients,
  type HostArray,
  leaf,
  opOf,
  sizeOf,
  type Tensor,
} from "../../core/mod.ts";
import { operandsOf, orderOf } from "../../core/graph.ts";
import { add } from "../../ops/add.ts";
import { createRandom } from "./random.ts";

/** Values in 64 bits, integers included. */
type Wide = Float64Array<ArrayBuffer>;

/** Step of the differences: small, as a kink inside it would spoil them. */
const STEP = 1e-6;

/** Checks the gradient of `sum(result · seed)` by every float leaf. */
export function checkGradient(
  label: string,
  result: Tensor,
  values: ReadonlyMap<Tensor, HostArray>,
): void {
  const random = createRandom(7);
  const wide = new Map(
    [...values].map(([leaf, array]) => [leaf, Float64Array.from(array)]),
  );
  const seed = leaf("input", "seed", { dtype: "f32", shape: result.shape });
  const seedValues = new Float64Array(sizeOf(result.shape))
    .map(() => 2 * random() - 1);
  const leaves = [...values.keys()].filter(({ dtype }) => dtype === "f32");
  const grads = buildGradients(result, seed, leaves, add);
  const all = new Map([...wide, [seed, seedValues]]);
  leaves.forEach((by, i) => {
    const grad = grads[i] ?? null;
    assert(grad !== null, `${label}: no gradient by operand ${i}`);
    const actual = evaluateWide(grad, all);
    for (const at of sample(actual.length, random)) {
      const expected = difference(result, wide, by, at, seedValues);
      const error = Math.abs(actual[at]! - expected);
      assert(
        error <= 1e-5 * Math.max(1, Math.abs(expected)),
        `${label}: gradient by operand ${i} at ${at} is ${actual[at]}, ` +
          `differences say ${expected}`,
      );
    }
  });
}

/** At most 24 indices below `length`, spread at random. */
function sample(length: number, random: () => number): number[] {
  if (length <= 24) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: 24 }, () => Math.floor(random() * length));
}

function difference(
  result: Tensor,
  values: ReadonlyMap<Tensor, Wide>,
  by: Tensor,
  at: number,
  seed: Wide,
): number {
  const [above, below] = [STEP, -STEP].map((step) => {
    const moved = values.get(by)!.slice();
    moved[at]! += step;
    const y = evaluateWide(result, new Map([...values, [by, moved]]));
    return y.reduce((sum, value, i) => sum + value * seed[i]!, 0);
  });
  return (above! - below!) / (2 * STEP);
}

/** The CPU meaning of a graph on 64-bit numbers. */
function evaluateWide(
  output: Tensor,
  leafValues: ReadonlyMap<Tensor, Wide>,
): Wide {
  const values = new Map<Tensor, Wide>(leafValues);
  for (const tensor of orderOf([output])) {
    const { source } = tensor;
    if (source.kind === "constant") {
      values.set(tensor, Float64Array.from(source.values));
    }
    if (source.kind !== "op") continue;
    const op = opOf(tensor)!;
    const types = operandsOf(tensor);
    const inputs = types.map((operand) => values.get(operand)!);
    const result = op.isView
      ? inputs[0]!
      : new Float64Array(sizeOf(tensor.shape));
    values.set(tensor, result);
    if (op.isView) continue;
    op.cpu({
      // The meanings are plain loops: they run on any array of numbers.
      inputs: inputs as unknown as HostArray[],
      types,
      attrs: source.attrs,
      output: result as unknown as HostArray,
      outputType: tensor,
    });
  }
  return values.get(output)!;
}
