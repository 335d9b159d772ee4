import assert from "node:assert/strict";
import { leaf, type Tensor } from "../../../core/tensor.ts";
import { conv2d } from "../../../ops/conv2d.ts";
import { depthwiseConv2d } from "../../../ops/depthwise_conv2d.ts";
import { convRule } from "../../../ops/fusion/conv_rule.ts";
import { relu6 } from "../../../ops/relu6.ts";
import { rewritten } from "../../support/rewritten.ts";

const window = { stride: 1, padding: [1, 1, 1, 1] } as const;
const make = (name: string, ...shape: number[]): Tensor =>
  leaf(name === "x" ? "input" : "weight", name, { dtype: "f32", shape });
const x = make("x", 1, 5, 5, 4);
const sums = [
  conv2d(x, make("w", 3, 3, 4, 6), make("b", 6), window),
  depthwiseConv2d(x, make("d", 3, 3, 4), window),
];

Deno.test("convRule lets both convolutions cut their sums", () => {
  for (const y of sums) {
    assert.equal(rewritten([relu6(y)], [convRule]).length, 1);
    assert.equal(rewritten([relu6(relu6(y))], [convRule]).length, 2);
  }
});

Deno.test("convRule leaves sums that something else reads", () => {
  for (const y of sums) {
    assert.deepEqual(rewritten([relu6(y), y], [convRule]).at(-1), "relu6");
  }
});
