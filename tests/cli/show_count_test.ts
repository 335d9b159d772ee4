import assert from "node:assert/strict";
import { showCount, showExactly, showFlops } from "../../cli/show_count.ts";

Deno.test("showCount() writes three digits and a letter", () => {
  for (
    const [count, shown] of [
      [0, "0"],
      [960, "960"],
      [1000, "1.00K"],
      [9_996, "10.0K"],
      [99_960, "100K"],
      [999_400, "999K"],
      [999_999, "1.00M"],
      [303_179_776, "303M"],
      [1_311_131_648, "1.31B"],
      [80_363_563_644, "80.4B"],
      [1_004_928_070_848, "1.00T"],
    ] as const
  ) assert.equal(showCount(count), shown);
  assert.equal(showExactly(1_311_131_648), "1,311,131,648");
  assert.equal(showExactly(1234.6), "1,235");
});

Deno.test("showFlops() writes operations", () => {
  assert.equal(showFlops(177_100_390_400), "177 GFLOP");
  assert.equal(showFlops(208_000), "208 KFLOP");
  assert.equal(showFlops(12), "12 FLOP");
});
