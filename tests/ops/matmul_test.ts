import { F16_LAYOUT } from "../../core/layouts/f16.ts";
import { LAYOUTS } from "../../core/layouts/layout_named.ts";
import { matmul } from "../../ops/matmul.ts";
import { checkOp } from "../support/check_op.ts";
import { checkPackedMatmul } from "../support/check_packed_matmul.ts";

const transposed = { isTransposed: true };

checkOp(matmul, {
  scale: "magnitudes",
  cases: [
    { inputs: [[1, 1], [1, 1]] },
    { inputs: [[3, 5], [5, 7]] },
    { inputs: [[9, 40], [17, 40]], attrs: transposed },
    { inputs: [[2, 3, 8], [16, 8]], attrs: transposed },
    { inputs: [[15, 33], [33, 31]], gradient: false },
    { inputs: [[17, 64], [64, 65]], gradient: false },
    { inputs: [[2, 3, 4], [2, 4, 5]] },
    { inputs: [[2, 7, 9], [2, 5, 9]], attrs: transposed },
  ],
  bad: [
    { inputs: [[2, 3], [2, 3]], message: /\[2, 3\] and \[2, 3\]/ },
    { inputs: [[2, 2, 3], [3, 3, 4]], message: /same leading axes/ },
    {
      inputs: [{ dtype: "i32", shape: [2, 3] }, [3, 2]],
      message: /matmul to i32/,
    },
  ],
});

for (const layout of LAYOUTS) {
  Deno.test(`matmul() with ${layout.name} weights, along both axes, split or not`, async () => {
    const k = layout.block === 32 ? [32, 96] : [1, 8, 33, 96];
    for (const columns of k) {
      for (const [m, n] of [[1, 1], [1, 16], [3, 17], [8, 33], [17, 40]]) {
        await checkPackedMatmul(layout, { m: m!, n: n!, k: columns });
      }
    }
  });
}

Deno.test("matmul() with f16 activations reads f16 weights", async () => {
  const sizes = { m: 5, n: 24, k: 40 };
  await checkPackedMatmul(F16_LAYOUT, sizes, "f16");
});
