/**
 * Weights of attention as a value: what gradients need and pictures of
 * attention show. Attention itself never stores them.
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { attendWeights } from "./attend_row.ts";
import {
  type AttentionAttrs,
  attentionSizes,
  seenByQuery,
} from "./attention_rule.ts";
import { scoreGradient } from "./score_gradient.ts";
import { eachOfRow, writeRowKernel } from "./row_reduce.ts";

/** Operands of `attentionWeights`; as for `attention`, without values. */
export type AttentionWeightsInputs =
  | [q: Tensor, k: Tensor]
  | [q: Tensor, k: Tensor, mask: Tensor];

/**
 * `softmax(scale · q kᵀ)` over the keys that a query may look at, 0 for the
 * others. `q` [b, l, h, k], `k` [b, s, g, k], `mask` u32 [b, l, s], to
 * [b, h, l, s].
 */
export const attentionWeights: Op<AttentionAttrs, AttentionWeightsInputs> =
  defineOp<AttentionAttrs, AttentionWeightsInputs>({
    name: "attention_weights",
    infer([q, k, mask]) {
      const sizes = attentionSizes("attention_weights", q!, k!, mask);
      const { b, h, l, s } = sizes;
      return { dtype: q!.dtype, shape: [b, h, l, s] };
    },
    cpu({ inputs: [q, k, mask], types, attrs, output }) {
      const sizes = attentionSizes(
        "attention_weights",
        types[0]!,
        types[1]!,
        types[2],
      );
      const { b, l, h, s } = sizes;
      output.fill(0);
      for (let at = 0; at < b * l * h; at++) {
        const row = Math.floor(at / (l * h)), j = Math.floor(at / h) % l;
        const to = ((row * h + at % h) * l + j) * s;
        const seen = seenByQuery(sizes, at, attrs, [q!, k!, mask]);
        const weights = attendWeights({ ...seen, value: () => 0, output });
        for (const { s: key, weight } of weights) output[to + key] = weight;
      }
    },
    kernels({ inputs, output, attrs }) {
      const { l, h, g, k } = attentionSizes(
        "attention_weights",
        inputs[0]!.type,
        inputs[1]!.type,
        inputs[2]?.type,
      );
      const { isCausal = false, scale } = attrs;
      const mask = inputs[2];
      const score = scoreOfKey(isCausal, mask !== undefined);
      return {
        kernels: [writeRowKernel({
          name: "attention_weights",
          shape: output.type.shape,
          bindings: [
            { name: "q", of: 0, view: "scalar" },
            { name: "k", of: 1, view: "scalar" },
            ...(mask ? [{ name: "mask", of: 2, view: "scalar" }] : []),
            { name: "y", of: "output", view: "scalar", isWritten: true },
          ],
          params: { l, h, g, k, scale: { f32: scale } },
          // The scores are made three times over: kept as f16 they would lose
          // too much, and nothing here runs per token.
          body: `  let b = row_number / (p.h * p.l);
  let head = row_number / p.l % p.h;
  let j = row_number % p.l;
  let query = ((b * p.l + j) * p.h + head) * p.k;
  let group = head * p.g / p.h;
  var top: f32 = -1e30;
  var sum: f32 = 0.0;
${eachOfRow(`${score}\n    top = max(top, score);`)}
  top = join_max(lane, top);
${
            eachOfRow(
              `${score}\n    sum += select(0.0, exp(score - top), isSeen);`,
            )
          }
  sum = join_sum(lane, sum);
${
            eachOfRow(`${score}
    store_y(row + i, select(0.0, exp(score - top) / sum, isSeen));`)
          }`,
        })],
      };
    },
    gradient: ({ grad, inputs: [q, k, mask], output, attrs }) => [
      ...scoreGradient({ weights: output, grad, q, k, attrs }),
      ...(mask ? [null] : []),
    ],
    cost([, k], output) {
      const flops = 2 * k!.shape[3]! * sizeOf(output.shape);
      return { flops, bytes: 4 * sizeOf(k!.shape) + 4 * sizeOf(output.shape) };
    },
  });

/** Statements that set `isSeen` and `score` of key `i`. */
function scoreOfKey(isCausal: boolean, isMasked: boolean): string {
  const seen = [
    ...(isCausal ? ["i + p.l < p.width + j + 1u"] : []),
    ...(isMasked ? ["load_mask((b * p.l + j) * p.width + i) != 0u"] : []),
  ];
  return `    let isSeen = ${seen.join(" && ") || "true"};
    var score: f32 = 0.0;
    let key = ((b * p.width + i) * p.g + group) * p.k;
    for (var d = 0u; d < p.k; d++) {
      score += load_q(query + d) * load_k(key + d);
    }
    score = select(-1e30, score * p.scale, isSeen);`;
}
