import assert from "node:assert/strict";
import { inMemory } from "../../core/evaluate_on.ts";
import { valuesOf } from "../../plugins/computed_tensor.ts";
import { interpolatePositions } from "../../plugins/interpolate_positions.ts";
import golden from "../golden/models/clip_positions.json" with { type: "json" };
import { assertClose } from "../support/assert_close.ts";

function table(shape: readonly number[], values?: readonly number[]) {
  const count = shape.reduce((a, b) => a * b, 1);
  return inMemory(
    "p",
    shape,
    Float32Array.from(values ?? Array(count).fill(1)),
  );
}

for (const { shape, leading, side, values, result } of golden.cases) {
  Deno.test(`interpolatePositions() of [${shape}] to ${side} × ${side} equals PyTorch's`, async () => {
    const grid = { side, leading };
    const made = interpolatePositions(table(shape, values), grid);
    assert.deepEqual(made.shape, shape.with(-2, leading + side ** 2));
    const own = await valuesOf(made);
    assertClose("positions", own, result, { tolerance: 2e-6 });
    // A slice of it is what it is of the whole.
    const bytes = await made.read(8, 16);
    assert.deepEqual(new Float32Array(bytes.slice().buffer), own.slice(2, 4));
  });
}

Deno.test("interpolatePositions() leaves a table of the wanted grid alone", () => {
  const tensor = table([10, 2]);
  const same = interpolatePositions(tensor, { side: 3, leading: 1 });
  assert.equal(same, tensor);
});

Deno.test("interpolatePositions() refuses what is no square grid", () => {
  const grid = { side: 4, leading: 1 };
  for (const shape of [[9, 2], [1, 2], [2, 10, 2]]) {
    assert.throws(
      () => interpolatePositions(table(shape), grid),
      /Cannot interpolate positions p of shape .* not 1 and those of a square/,
    );
  }
});
