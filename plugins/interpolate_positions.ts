/**
 * Learnt positions of a square grid of patches, brought to another grid, so
 * that a vision encoder can read larger or smaller pictures than it was
 * trained with.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { StoredTensor } from "../core/stored_tensor.ts";
import { computedTensor, valuesOf } from "./computed_tensor.ts";

/** The grid that is wanted. */
export interface PositionGrid {
  /** Patches along each side of the picture. */
  readonly side: number;
  /** Rows before those of the grid, e.g. 1 for a class token; kept as is. */
  readonly leading: number;
}

/** Sharpness of the cubic kernel (Keys, 1981), the one that PyTorch takes. */
const SHARPNESS = -0.75;

/**
 * Positions [.., leading + s², d] as [.., leading + side², d], bicubic without
 * antialiasing and with the centres of patches aligned, as
 * `torch.nn.functional.interpolate` does by default. Positions that have the
 * wanted grid already are the same tensor.
 *
 * @throws {RookeryError} `weights` when the stored grid is no square
 */
export function interpolatePositions(
  tensor: StoredTensor,
  { side, leading }: PositionGrid,
): StoredTensor {
  const [rows, width] = tensor.shape.slice(-2) as [number, number];
  if (rows === leading + side ** 2) return tensor;
  const from = Math.sqrt(rows - leading);
  const isTable = tensor.shape.slice(0, -2).every((size) => size === 1);
  if (!isTable || !Number.isInteger(from) || from < 1) {
    throw new RookeryError(
      "weights",
      `Cannot interpolate positions ${tensor.name} of shape [${
        tensor.shape.join(", ")
      }] as their rows are not ${leading} and those of a square grid`,
      { path: tensor.name, actual: tensor.shape },
    );
  }
  const shape = [...tensor.shape.slice(0, -2), leading + side ** 2, width];
  return computedTensor(tensor.name, shape, async () => {
    const values = await valuesOf(tensor);
    const kept = values.subarray(0, leading * width);
    const grid = { from, side, width };
    const made = new Float32Array(shape.at(-2)! * width);
    made.set(kept);
    made.set(resizedGrid(values.subarray(kept.length), grid), kept.length);
    return made;
  });
}

/** Both axes of a grid [from, from, width], one after the other. */
function resizedGrid(
  values: Float32Array,
  { from, side, width }: {
    readonly from: number;
    readonly side: number;
    readonly width: number;
  },
): Float64Array {
  const taps = cubicTaps(from, side);
  const wide = new Float64Array(from * side * width); // [from, side, d]
  for (let row = 0; row < from; row++) {
    const source = values.subarray(row * from * width);
    addTaps(taps, { source, step: width, out: wide, at: row * side * width });
  }
  const out = new Float64Array(side * side * width); // [side, side, d]
  addTaps(taps, { source: wide, step: side * width, out, at: 0 });
  return out;
}

/** What a place of the result is made of. */
interface Tap {
  /** Its place. */
  readonly to: number;
  /** A place of the source. */
  readonly from: number;
  /** How much of it is taken. */
  readonly weight: number;
}

/** Four neighbours for each of `side` places; those outside are the edge. */
function cubicTaps(from: number, side: number): Tap[] {
  const taps: Tap[] = [];
  for (let to = 0; to < side; to++) {
    const centre = (to + 0.5) * from / side - 0.5;
    const first = Math.floor(centre);
    for (let i = -1; i <= 2; i++) {
      const weight = cubic(Math.abs(centre - first - i));
      const place = Math.min(Math.max(first + i, 0), from - 1);
      taps.push({ to, from: place, weight });
    }
  }
  return taps;
}

/** The cubic kernel at a distance. */
function cubic(x: number): number {
  const a = SHARPNESS;
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x >= 2 ? 0 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
}

/** Sums blocks of `step` values of the source into those of the result. */
function addTaps(
  taps: readonly Tap[],
  { source, step, out, at }: {
    readonly source: Float32Array | Float64Array;
    readonly step: number;
    readonly out: Float64Array;
    readonly at: number;
  },
): void {
  for (const { to, from, weight } of taps) {
    for (let i = 0; i < step; i++) {
      out[at + to * step + i]! += weight * source[from * step + i]!;
    }
  }
}
