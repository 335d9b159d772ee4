import assert from "node:assert/strict";
import { erf } from "../../ops/erf.ts";

Deno.test("erf() agrees with tabulated values", () => {
  // Abramowitz and Stegun, table 7.1, and the series' own limits.
  const table = [
    [0, 0],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [5, 0.9999999999984626],
    [7, 1],
  ] as const;
  for (const [x, y] of table) {
    assert(Math.abs(erf(x) - y) < 1e-14, `erf(${x}) is ${erf(x)}`);
    assert(Math.abs(erf(-x) + y) < 1e-14, `erf(-${x}) is ${erf(-x)}`);
  }
});
