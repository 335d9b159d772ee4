/**
 * Learnt embeddings by frame, and more frames than were trained.
 *
 * @module
 */

import { constant, type Tensor } from "../../core/tensor.ts";
import { matmul } from "../../ops/matmul.ts";
import { slice } from "../../ops/slice.ts";

/**
 * Embeddings of `frames` frames: `table` [N, d] → [f, d]. Up to N frames take
 * the first rows. More take points on the lines between the rows (Flamingo,
 * appendix B.1.2): the first and the last frame keep the first and the last
 * row, as `align_corners` does, so that no frame lies outside the trained ones.
 */
export function frameEmbedding(table: Tensor, frames: number): Tensor {
  const rows = table.shape[0]!;
  if (frames === rows) return table;
  if (frames < rows) return slice(table, { axis: 0, start: 0, end: frames });
  const type = { dtype: "f32" as const, shape: [frames, rows] };
  return matmul(constant(type, interpolation(frames, rows)), table);
}

/** Weights [f, N] of N rows in each of f > N frames. */
function interpolation(
  frames: number,
  rows: number,
): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(frames * rows);
  for (let frame = 0; frame < frames; frame++) {
    const place = frame * (rows - 1) / (frames - 1);
    const row = Math.floor(place), part = place - row;
    weights[frame * rows + row] = 1 - part;
    if (part > 0) weights[frame * rows + row + 1] = part;
  }
  return weights;
}
