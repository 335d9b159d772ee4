import assert from "node:assert/strict";
import { evaluate, leaf, sizeOf } from "../../core/mod.ts";
import {
  distanceScores,
  sinusoidTable,
} from "../../models/language/distance_scores.ts";
import { assertClose } from "../support/assert_close.ts";
import { createRandom } from "../support/random.ts";

/** Scores of `l` queries by the op, and by plain loops. */
function both(l: number, length: number): [ArrayLike<number>, number[]] {
  const [b, h, k, d, scale] = [2, 3, 5, 8, 0.7];
  const random = createRandom(l);
  const q = leaf("input", "q", { dtype: "f32", shape: [b, l, h, k] });
  const weight = leaf("weight", "w", { dtype: "f32", shape: [h * k, d] });
  const qs = new Float32Array(sizeOf(q.shape)).map(random);
  const ws = new Float32Array(sizeOf(weight.shape)).map(random);
  const table = sinusoidTable({ length, width: d });
  const scores = distanceScores(q, weight, table, { scale });
  assert.deepEqual(scores.shape, [b, l, h, length]);
  const [own] = evaluate([scores], (leaf) => leaf === q ? qs : ws);
  const expected: number[] = [];
  for (let row = 0; row < b * l * h; row++) {
    for (let t = 0; t < length; t++) {
      let sum = 0;
      for (let i = 0; i < k; i++) {
        for (let j = 0; j < d; j++) {
          const angle = t * 10_000 ** (-2 * (j % 4) / d);
          const r = j < 4 ? Math.sin(angle) : Math.cos(angle);
          sum += qs[row * k + i]! * ws[(row % h * k + i) * d + j]! * r;
        }
      }
      expected.push(scale * sum);
    }
  }
  return [own!, expected];
}

Deno.test("distanceScores() of few rows and of many mean the same", () => {
  for (const [l, length] of [[1, 64], [1, 48], [9, 20]] as const) {
    const [own, expected] = both(l, length);
    assertClose(`${l} of ${length}`, own, expected, { tolerance: 1e-5 });
  }
});
