/**
 * Scaled dot-product attention (Vaswani et al., 2017) with grouped heads,
 * over keys and values that lie side by side: encoders, resamplers, training.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { attendKernel, fitsFours } from "./attend_kernel.ts";
import { attendRow } from "./attend_row.ts";
import { attentionGradient } from "./attention_gradient.ts";
import {
  type AttentionAttrs,
  attentionSizes,
  seenByQuery,
} from "./attention_rule.ts";

/** Operands of `attention`; without a mask every key may be looked at. */
export type AttentionInputs =
  | [q: Tensor, k: Tensor, v: Tensor]
  | [q: Tensor, k: Tensor, v: Tensor, mask: Tensor];

/**
 * `y = softmax(scale · q kᵀ) v` for each head; head i of the queries reads
 * head `floor(i · g / h)` of keys and values. `q` [b, l, h, k], `k` and `v`
 * [b, s, g, k], `mask` u32 [b, l, s], not 0 where a query may look, to
 * [b, l, h, k]. Queries that may look at nothing give zeros.
 */
export const attention: Op<AttentionAttrs, AttentionInputs> = defineOp<
  AttentionAttrs,
  AttentionInputs
>({
  name: "attention",
  infer([q, k, v, mask]) {
    const sizes = attentionSizes("attention", q!, k!, mask);
    const { b, s, g } = sizes;
    checkFloat("attention", v!);
    bindAxes("attention", v!.shape, "b s g k", { b, s, g, k: sizes.k });
    return { dtype: q!.dtype, shape: q!.shape };
  },
  cpu({ inputs: [q, k, v, mask], types, attrs, output }) {
    const sizes = attentionSizes("attention", types[0]!, types[1]!, types[3]);
    const { l, s, h, g, k: width } = sizes;
    for (let at = 0; at < output.length / width; at++) {
      const row = Math.floor(at / (l * h));
      const head = Math.floor((at % h) * g / h);
      attendRow({
        ...seenByQuery(sizes, at, attrs, [q!, k!, mask]),
        value: (key, d) => v![((row * s + key) * g + head) * width + d]!,
        output,
      });
    }
  },
  kernels(context) {
    const { inputs, attrs } = context;
    const mask = inputs[3];
    const sizes = attentionSizes(
      "attention",
      inputs[0]!.type,
      inputs[1]!.type,
      mask?.type,
    );
    const { b, s, g, k } = sizes;
    const byFour = fitsFours(k, context.profile);
    const view = byFour ? "vec4" : "scalar", unit = byFour ? 4 : 1;
    return {
      kernels: [attendKernel(context, {
        name: "attention",
        bindings: [
          { name: "k", of: 1, view },
          { name: "v", of: 2, view },
          ...(mask ? [{ name: "mask", of: 3, view: "scalar" }] : []),
        ],
        params: {
          s,
          step: g * k / unit,
          last: b * s * g * k / unit - 1,
        },
        groups: g,
        scale: attrs.scale,
        range: attrs.isCausal
          ? "    high = max(p.s + j + 1u, p.l) - p.l;"
          : "    high = p.s;",
        source: denseSource(k / unit, byFour),
        byFour,
        ...(mask ? { mask: MASK } : {}),
      })],
    };
  },
  gradient: ({ grad, inputs: [q, k, v, mask], attrs }) =>
    attentionGradient({ grad, q, k, v, mask, attrs }),
  cost(types, output) {
    const s = types[1]!.shape[1]!;
    const values = types.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return {
      flops: 4 * s * sizeOf(output.shape),
      bytes: 4 * (values + sizeOf(output.shape)),
    };
  },
});

const MASK = `fn may_see(query: u32, key: u32) -> bool {
  return load_mask(query * p.s + min(key, p.s - 1u)) != 0u;
}`;

/**
 * Keys past the last are never seen; they are only kept within the buffer.
 * `width` is that of a head, in numbers or in fours.
 */
function denseSource(width: number, byFour: boolean): string {
  const load = byFour ? loadFours : loadOne;
  return `fn keys_at(b: u32, head: u32, key: u32) -> u32 {
  return (b * p.s + min(key, p.s - 1u)) * p.step + head * ${width}u;
}
fn values_at(b: u32, head: u32, key: u32) -> u32 { return keys_at(b, head, key); }
${load("keys", "k")}
${load("values", "v")}`;
}

/** Element d of four keys. */
function loadOne(name: string, from: string): string {
  return `fn load_${name}(at: u32, d: u32) -> vec4<f32> {
  return vec4<f32>(${loadsOf(from, "at + d")});
}`;
}

/** Elements d .. d + 3 of four keys, an element a column. */
function loadFours(name: string, from: string): string {
  return `fn load_four_${name}(at: u32, d: u32) -> mat4x4<f32> {
  return transpose(mat4x4<f32>(${loadsOf(from, "at + d / 4u")}));
}`;
}

function loadsOf(from: string, place: string): string {
  const loads = [0, 1, 2, 3].map((i) =>
    `load_${from}(min(${place} + ${i}u * p.step, p.last))`
  );
  return loads.join(", ");
}
