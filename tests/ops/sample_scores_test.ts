import assert from "node:assert/strict";
import { drawScores, penalisedLogits } from "../../ops/sample_scores.ts";
import { adjustedRows } from "../support/control_rows.ts";
import { readLimitCases } from "../support/sample_limits.ts";

Deno.test("scores are those that transformers' processors leave", async () => {
  const cases = await readLimitCases();
  assert(cases.length >= 14);
  for (const { name, fields, logits, scores } of cases) {
    const { control, adjustments } = adjustedRows([fields], logits.length);
    const values = Float32Array.from(logits);
    const penalised = penalisedLogits(control, values, adjustments);
    const own = drawScores(control, penalised);
    own.forEach((z, token) => {
      const expected = scores[token]!;
      const label = `${name}, token ${token}: ${z} for ${expected}`;
      assert.equal(z === -Infinity, expected === -Infinity, label);
      if (z === -Infinity) return;
      const bound = 5e-7 * Math.max(1, Math.abs(expected));
      assert(Math.abs(z - expected) <= bound, label);
    });
  }
});

Deno.test("a token's count is that of its entry and of the ring since", () => {
  const before = { counts: [[3, 2]], frequency: 1, presence: 10 } as const;
  const fields = { ...before, drawn: 70, seen: [3, 4, 5] };
  const { control, adjustments } = adjustedRows([fields], 8);
  // Draws 70, 71 and 72 of a ring of 64.
  const ring = control.subarray(52);
  [3, 4, 3].forEach((token, i) => ring[2 * (6 + i)] = token);
  control[5] = 73;
  const zeros = new Float32Array(8);
  const scores = penalisedLogits(control, zeros, adjustments);
  assert.deepEqual([...scores], [0, 0, 0, -14, -11, 0, 0, 0]);
});
