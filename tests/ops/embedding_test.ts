import { LAYOUTS } from "../../core/layouts/layout_named.ts";
import { createDevice, evaluate, evaluateOn, leaf } from "../../core/mod.ts";
import { assertClose } from "../support/assert_close.ts";
import { createRandom, randomValues } from "../support/random.ts";
import { embedding } from "../../ops/embedding.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

checkOp(embedding, {
  cases: [
    { inputs: [[1, 1], indices([1], [0])] },
    { inputs: [[33, 31], indices([2, 3], [0, 32, 5, 5, 33, 0xffffffff])] },
    { inputs: [[17, 64], indices([4, 1], [16, 3, 0, 9])] },
  ],
  bad: [{
    inputs: [[3, 4], [2]],
    message: /embedding.*indices must be u32/,
  }],
});

for (const layout of LAYOUTS) {
  Deno.test(`embedding() reads ${layout.name} weights, split or not`, async () => {
    const rows = 50, columns = 64;
    const random = createRandom(9);
    const weight = leaf("weight", "w", {
      dtype: "f32",
      shape: [rows, columns],
    });
    const ids = leaf("input", "ids", { dtype: "u32", shape: [7] });
    const content = randomValues(random, "f32", rows * columns, [-2, 2]);
    const bytes = new Uint8Array(content.buffer);
    const packed = layout.packRows("f32", bytes, rows, columns);
    const values = layout.unpackRows(packed, rows, columns);
    const tokens = Uint32Array.of(49, 0, 16, 15, 31, 50, 0xffffffff);
    const outputs = [embedding(weight, ids)];
    const [expected] = evaluate(
      outputs,
      (tensor) => tensor === ids ? tokens : values,
    );
    const split = Math.max(2 * layout.tileBytes(columns), 4 * 7 * columns);
    for (const maxBindingBytes of [2 ** 27, split]) {
      using device = await createDevice({ maxBindingBytes });
      const [actual] = await evaluateOn(
        device,
        outputs,
        (tensor) => tensor === ids ? tokens : values,
        { layout },
      );
      const label = `${layout.name} in ${maxBindingBytes} bytes`;
      assertClose(label, actual!, expected!, { tolerance: 1e-6 });
    }
  });
}
