/**
 * Chooses every row's next token and advances its control row, all on the
 * device, so that several steps need no host in between.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { controlWidth } from "./control_row.ts";
import { checkControl, checkIndices, checkSize } from "./control_type.ts";
import { sampleKernel } from "./sample_kernel.ts";
import { sampleRow } from "./sample_row.ts";
import type { AdjustmentWords } from "./sample_scores.ts";

/** Operands of `sample`. */
export type SampleInputs =
  | [control: Tensor, logits: Tensor]
  | [control: Tensor, logits: Tensor, adjustments: Tensor];

/**
 * For each row that is not done and whose count is not 0:
 *
 * 1. `position += count`.
 * 2. Logits are processed: the bias of the row's adjustments is added; the
 *    repetition penalty divides positive logits of seen tokens and multiplies
 *    negative ones (Keskar et al., 2019); `frequency · n + presence` is taken
 *    off those of tokens drawn n > 0 times; banned tokens are ruled out.
 * 3. At temperature 0 the greatest logit wins, the lowest id among equals.
 *    Else logits are divided by the temperature and limited by top-k (all
 *    tokens that equal the k-th stay), then top-p (the fewest likeliest tokens
 *    whose mass among the rest reaches p), then min-p (tokens at least minP
 *    times as likely as the best); one is drawn by Gumbel noise that depends on
 *    seed, number of draws and token only.
 * 4. The token and its log-likelihood under the unprocessed logits go to the
 *    ring; it is marked seen and becomes the token to feed, with count 1. At a
 *    stop token or at the limit of draws the row is done and its count 0.
 *
 * Logits with NaN or +∞, or that rule out every token, set the error flag and
 * done instead of 4. Control rows u32 [b, controlWidth(v)] (donated), `logits`
 * [b, v] and `adjustments` u32 [n], where any row has some, to the new control
 * rows. Without the last operand, bias, frequency and presence do not count.
 */
export const sample: Op<object, SampleInputs> = defineOp<
  object,
  SampleInputs
>({
  name: "sample",
  donates: 0,
  infer([control, logits, adjustments]) {
    checkFloat("sample", logits!);
    const { b, v } = bindAxes("sample", logits!.shape, "b v");
    const rows = checkControl("sample", control!);
    checkSize("sample", "the number of control rows", b!, rows.b);
    checkSize(
      "sample",
      "the number of words of a control row",
      controlWidth(v!),
      rows.words,
    );
    if (adjustments) checkIndices("sample", adjustments, 1);
    return { dtype: "u32", shape: control!.shape };
  },
  cpu({ inputs: [, logits, adjustments], types, output }) {
    const [b, v] = types[1]!.shape as [number, number];
    const words = types[0]!.shape[1]!;
    for (let row = 0; row < b; row++) {
      sampleRow(
        output.subarray(row * words, (row + 1) * words) as Uint32Array<
          ArrayBuffer
        >,
        logits!.subarray(row * v, (row + 1) * v),
        adjustments as AdjustmentWords,
      );
    }
  },
  kernels: (context) => ({ kernels: [sampleKernel(context)] }),
  gradient: "none",
  cost: ([, logits]) => ({
    flops: 4 * sizeOf(logits!.shape),
    bytes: 8 * sizeOf(logits!.shape),
  }),
});
