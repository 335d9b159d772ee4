/**
 * Runs a graph by the ops' CPU meanings. Slow, simple, and the truth that
 * kernels are compared with.
 *
 * @module
 */

import { createHostArray, type HostArray, roundToDtype } from "./dtype.ts";
import { RookeryError } from "./errors.ts";
import { operandsOf, orderOf } from "./graph.ts";
import { opOf } from "./op.ts";
import { sizeOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Finds the values of a leaf. */
export type LeafValues = (leaf: Tensor) => HostArray;

/**
 * Values of `outputs`, in order. Donated states are changed in place. After
 * each value `onValue` is told of it.
 */
export function evaluate(
  outputs: readonly Tensor[],
  leafValues: LeafValues,
  onValue?: (tensor: Tensor) => void,
): HostArray[] {
  const values = new Map<Tensor, HostArray>();
  for (const tensor of orderOf(outputs)) {
    values.set(tensor, valueOf(tensor, values, leafValues));
    onValue?.(tensor);
  }
  return outputs.map((output) => values.get(output)!);
}

function valueOf(
  tensor: Tensor,
  values: ReadonlyMap<Tensor, HostArray>,
  leafValues: LeafValues,
): HostArray {
  if (tensor.source.kind === "constant") return tensor.source.values;
  if (tensor.source.kind !== "op") {
    return checkLength(tensor, leafValues(tensor));
  }
  const op = opOf(tensor)!;
  const operands = operandsOf(tensor);
  const inputs = operands.map((operand) => values.get(operand)!);
  if (op.isView) return inputs[0]!;
  const output = op.donates === undefined
    ? createHostArray(tensor.dtype, sizeOf(tensor.shape))
    : inputs[op.donates]!;
  const { attrs } = tensor.source;
  op.cpu({ inputs, types: operands, attrs, output, outputType: tensor });
  for (const i of op.writes ?? []) roundToDtype(operands[i]!.dtype, inputs[i]!);
  return roundToDtype(tensor.dtype, output);
}

function checkLength(tensor: Tensor, values: HostArray): HostArray {
  const length = sizeOf(tensor.shape);
  if (values.length === length) return values;
  const name = "name" in tensor.source ? tensor.source.name : "constant";
  throw new RookeryError(
    "shape",
    `Cannot use ${values.length} values for ${name} as its shape ` +
      `[${tensor.shape.join(", ")}] holds ${length}`,
    { path: name, expected: length, actual: values.length },
  );
}
