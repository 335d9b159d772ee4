import assert from "node:assert/strict";
import { estimateMean } from "../../models/metrics/bootstrap.ts";
import { MersenneTwister } from "../../core/mersenne_twister.ts";
import golden from "../golden/metrics/bootstrap.json" with { type: "json" };

Deno.test("MersenneTwister gives numpy's numbers, past its first refills", () => {
  const random = new MersenneTwister(5);
  const drawn = Array.from({ length: 1300 }, () => random.uint32());
  assert.deepEqual(drawn.slice(-3), golden.uint32);
});

Deno.test("MersenneTwister.below() stays below, and gives 0 for one value", () => {
  const random = new MersenneTwister(1);
  for (const count of [1, 2, 3, 5, 257]) {
    for (let i = 0; i < 200; i++) {
      const value = random.below(count);
      assert(value >= 0 && value < count, `${value} of ${count}`);
    }
  }
});

Deno.test("estimateMean() gives numpy's means and percentiles", () => {
  for (const { values, mean, low, high, n } of golden.intervals) {
    const estimate = estimateMean(values);
    assert.equal(estimate.n, n);
    assert(Math.abs(estimate.mean - mean) < 1e-9, `mean of ${n}`);
    assert(Math.abs(estimate.low - low) < 1e-9, `low of ${n}`);
    assert(Math.abs(estimate.high - high) < 1e-9, `high of ${n}`);
  }
});

Deno.test("estimateMean() differs by seed and refuses no values", () => {
  const values = golden.intervals[4]!.values;
  assert.notEqual(estimateMean(values, 1).low, estimateMean(values, 2).low);
  assert.throws(() => estimateMean([]), /0 values/);
});
