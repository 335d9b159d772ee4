/**
 * Scaled weight standardisation (Brock, De and Smith, 2021), done once when
 * weights are read: the values of an output get mean 0 and the variance that
 * keeps signals as large as they were, times a learnt gain.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import {
  computedTensor,
  transposeValues,
  valuesOf,
} from "../computed_tensor.ts";

/** Least `variance · values` that is divided by, as in training. */
const LEAST_VARIANCE = 1e-4;

/** Where a file keeps a convolution's outputs: first [o, i, kh, kw], or last. */
export type OutputAxis = "first" | "last";

/** A convolution as a file has it. */
export interface GainedConvolution {
  /** [o, i/g, kh, kw] or [kh, kw, i/g, o]. */
  readonly weight: StoredTensor;
  /** [o], with or without axes of 1. */
  readonly gain: StoredTensor;
  /** Where the weight has its outputs. */
  readonly outputs: OutputAxis;
}

/**
 * `(w − μ) · gain / √max(N σ², 1e-4)` over the N values w of each output, with
 * their mean μ and variance σ². Axes as the ops want them: [o, i] for 1×1
 * convolutions, which are matmuls, else [kh, kw, i/g, o].
 *
 * @throws {RookeryError} `weights` for a weight that is no convolution, or a
 * gain for another number of outputs
 */
export function standardised(
  { weight, gain, outputs }: GainedConvolution,
): StoredTensor {
  const { shape } = weight;
  const count = shape.at(outputs === "first" ? 0 : -1)!;
  if (shape.length !== 4 || sizeOf(gain.shape) !== count) {
    throw new RookeryError(
      "weights",
      `Cannot standardise ${weight.name} [${shape.join(", ")}] with gain ` +
        `${gain.name} [${gain.shape.join(", ")}]: a convolution has four ` +
        "axes, and a gain for each of its outputs",
      { path: weight.name, expected: count, actual: gain.shape },
    );
  }
  const order = outputs === "first" ? [0, 1, 2, 3] : [3, 2, 0, 1];
  const [o, i, high, wide] = order.map((axis) => shape[axis]!) as [
    number,
    number,
    number,
    number,
  ];
  const isPointwise = high === 1 && wide === 1;
  const placed = isPointwise ? [o, i] : [high, wide, i, o];
  return computedTensor(weight.name, placed, async () => {
    const values = await valuesOf(weight), gains = await valuesOf(gain);
    const size = values.length / count;
    const [outer, inner] = outputs === "first" ? [size, 1] : [1, count];
    for (let at = 0; at < count; at++) {
      standardise(values, { first: at * outer, step: inner, size }, gains[at]!);
    }
    const isInPlace = isPointwise === (outputs === "first");
    if (isInPlace) return values;
    const permutation = isPointwise ? [3, 2, 0, 1] : [2, 3, 1, 0];
    return transposeValues(values, shape, permutation);
  });
}

/** Where the values of one output lie. */
interface Span {
  readonly first: number;
  readonly step: number;
  readonly size: number;
}

function standardise(
  values: Float32Array,
  { first, step, size }: Span,
  gain: number,
): void {
  let sum = 0, squares = 0;
  for (let i = 0; i < size; i++) sum += values[first + i * step]!;
  const mean = sum / size;
  for (let i = 0; i < size; i++) {
    squares += (values[first + i * step]! - mean) ** 2;
  }
  // The squares' sum is the variance times the number of values.
  const scale = gain / Math.sqrt(Math.max(squares, LEAST_VARIANCE));
  for (let i = 0; i < size; i++) {
    const at = first + i * step;
    values[at] = (values[at]! - mean) * scale;
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
