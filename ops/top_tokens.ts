/**
 * Notes every row's likeliest next tokens, on the device, beside the ring of
 * samples.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import type { HostArray } from "../core/dtype.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { CONTROL, RING_ENTRIES } from "./control_row.ts";
import { checkControl, checkIndices, checkSize } from "./control_type.ts";
import { MOST_TOP, NO_TOKEN, TOPS_WIDTH } from "./top_entries.ts";
import { topTokensKernel } from "./top_tokens_kernel.ts";

/**
 * For each row that is not done and whose count is not 0: the `top` tokens
 * with the greatest logits, by falling logit and rising id, each with the
 * logarithm of its chance under these logits, go to the entry of the draw that
 * comes next; so this runs before `sample`. `tops` u32 [b, TOPS_WIDTH]
 * (donated), control rows u32 [b, words], `logits` [b, v] to the new `tops`.
 */
export const topTokens: Op<
  object,
  [tops: Tensor, control: Tensor, logits: Tensor]
> = defineOp<object, [tops: Tensor, control: Tensor, logits: Tensor]>({
  name: "top_tokens",
  donates: 0,
  infer([tops, control, logits]) {
    checkFloat("top_tokens", logits!);
    const { b } = bindAxes("top_tokens", logits!.shape, "b v");
    const rows = checkControl("top_tokens", control!);
    checkSize("top_tokens", "the number of control rows", b!, rows.b);
    const [count, width] = checkIndices("top_tokens", tops!, 2);
    checkSize("top_tokens", "the rows of noted tokens", b!, count!);
    checkSize("top_tokens", "the words of these rows", TOPS_WIDTH, width!);
    return { dtype: "u32", shape: tops!.shape };
  },
  cpu({ inputs: [, control, logits], types, output }) {
    const [b, v] = types[2]!.shape as [number, number];
    const words = types[1]!.shape[1]!;
    for (let row = 0; row < b; row++) {
      noteRow(
        output.subarray(row * TOPS_WIDTH, (row + 1) * TOPS_WIDTH),
        control!.subarray(row * words, (row + 1) * words),
        logits!.subarray(row * v, (row + 1) * v),
      );
    }
  },
  kernels: (context) => ({ kernels: [topTokensKernel(context)] }),
  gradient: "none",
  cost: ([, , logits]) => ({
    flops: 4 * sizeOf(logits!.shape),
    bytes: 8 * sizeOf(logits!.shape),
  }),
});

function noteRow(tops: HostArray, control: HostArray, logits: HostArray): void {
  const wanted = Math.min(MOST_TOP, control[CONTROL.top]!);
  if (control[CONTROL.done] || control[CONTROL.count] === 0) return;
  const entry = 2 * MOST_TOP * (control[CONTROL.drawn]! % RING_ENTRIES);
  const floats = new Float32Array(tops.buffer, tops.byteOffset, tops.length);
  const order = [...logits.keys()].sort((a, b) =>
    logits[b] === logits[a] ? a - b : logits[b]! - logits[a]!
  );
  const top = logits[order[0]!]!;
  let sum = 0;
  for (const x of logits) sum += Math.exp(x - top);
  for (let i = 0; i < wanted; i++) {
    const token = order[i] ?? NO_TOKEN;
    tops[entry + 2 * i] = token;
    const logit = logits[token] ?? -Infinity;
    floats[entry + 2 * i + 1] = logit - top - Math.log(sum);
  }
}
