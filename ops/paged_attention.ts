/**
 * Causal self-attention over a paged KV cache (Kwon et al., 2023), with biases
 * by distance where a model has them.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor, TensorType } from "../core/tensor.ts";
import type { BiasKind } from "./attend_bias.ts";
import { attendPagesKernel } from "./attend_pages.ts";
import { attendRow } from "./attend_row.ts";
import { checkCache, PAGE_SLOTS, readPaged } from "./cache_type.ts";
import { CONTROL } from "./control_row.ts";
import { checkControl, checkIndices, checkSize } from "./control_type.ts";
import { checkFloat } from "./elementwise.ts";
import { checkGroups } from "./head_groups.ts";

export type { BiasKind };

/** Attributes of `pagedAttention`. */
export interface PagedAttentionAttrs {
  /** Factor of the scores, mostly `1 / sqrt(k)`. */
  readonly scale: number;
  /**
   * What the fifth operand is, and only with one. For a query at position i
   * and a key at s, `"slopes"` [h] add `slopes[head] · (s − i)` to the score
   * (ALiBi), `"distances"` [b, l, h, D] add
   * `bias[b, j, head, min(i − s, D − 1)]` (Transformer-XL); after `scale`.
   */
  readonly bias?: BiasKind;
}

/** Operands of `pagedAttention`; the last adds to scores by distance. */
export type PagedAttentionInputs =
  | [q: Tensor, cache: Tensor, control: Tensor, table: Tensor]
  | [q: Tensor, cache: Tensor, control: Tensor, table: Tensor, bias: Tensor];

/**
 * Query j of row b, j < count[b], attends to the keys at 0 .. position[b] + j;
 * later queries give zeros. Head i reads head `floor(i · g / h)` of the cache.
 * `q` [b, l, h, k], `cache` [pages, 2, g, k, 16] after this chunk's `kvWrite`,
 * control rows u32 [b, words], `table` u32 [b, P] to [b, l, h, k]. Keys beyond
 * the table do not count. `bias` is what the attribute of that name says.
 */
export const pagedAttention: Op<
  PagedAttentionAttrs,
  PagedAttentionInputs
> = defineOp<PagedAttentionAttrs, PagedAttentionInputs>({
  name: "paged_attention",
  infer([q, cache, control, table, bias], attrs) {
    const op = "paged_attention";
    const { g, k, slots } = checkCache(op, cache!);
    checkSize(op, "the slots of a page", PAGE_SLOTS, slots);
    const { dtype } = checkFloat(op, q!);
    const { b, l, h } = bindAxes(op, q!.shape, "b l h k", { k });
    checkBias(bias, attrs.bias, { b: b!, l: l!, h: h! });
    checkGroups(op, h!, g);
    const rows = checkControl(op, control!).b;
    checkSize(op, "the number of control rows", b!, rows);
    checkSize(
      op,
      "rows of the page table",
      b!,
      checkIndices(op, table!, 2)[0]!,
    );
    return { dtype, shape: q!.shape };
  },
  cpu({ inputs: [q, cache, control, table, bias], types, attrs, output }) {
    const [b, l, h, k] = types[0]!.shape as [number, number, number, number];
    const sizes = checkCache("paged_attention", types[1]!);
    const words = types[2]!.shape[1]!, width = types[3]!.shape[1]!;
    for (let row = 0; row < b; row++) {
      const position = control![row * words + CONTROL.position]!;
      const pages = table!.subarray(row * width, (row + 1) * width);
      const count = control![row * words + CONTROL.count]!;
      for (let at = row * l * h; at < (row + 1) * l * h; at++) {
        const j = Math.floor(at / h) - row * l;
        const head = Math.floor((at % h) * sizes.g / h);
        const query = { at, h, i: position + j };
        const own = { cache: cache!, sizes, pages, head };
        attendRow({
          q: q!,
          base: at * k,
          width: k,
          low: 0,
          high: j < count ? Math.min(position + j + 1, width * PAGE_SLOTS) : 0,
          scale: attrs.scale,
          bias: bias && biasOf(attrs.bias!, [bias, types[4]!], query),
          key: readPaged(own, 0),
          value: readPaged(own, 1),
          output,
        });
      }
    }
  },
  kernels(context) {
    const { inputs, attrs } = context;
    const bias = inputs[4]?.type.shape;
    const last = `load_control(b * p.words + ${CONTROL.position}u) + j`;
    const place = bias ? `    position = ${last};\n` : "";
    return {
      kernels: [attendPagesKernel(context, {
        name: "paged_attention",
        bindings: [
          { name: "control", of: 2, view: "scalar" },
          ...(bias ? [{ name: "bias", of: 4, view: "scalar" }] : []),
        ],
        params: {
          words: inputs[2]!.type.shape[1]!,
          ...(attrs.bias === "distances" ? { distances: bias![3]! } : {}),
        },
        table: 3,
        scale: attrs.scale,
        bias: attrs.bias,
        range:
          `${place}    if (j < load_control(b * p.words + ${CONTROL.count}u)) {
      high = ${last} + 1u;
      high = min(high, p.table_width * ${PAGE_SLOTS}u);
    }`,
      })],
    };
  },
  gradient: "none",
  // Counted for a full table: how much of it is in use is known on the device.
  isCostOfRoom: true,
  cost([q, cache, , table, bias], output) {
    const keys = table!.shape[1]! * PAGE_SLOTS;
    const [b] = q!.shape as [number];
    const [, , g, k] = cache!.shape as [number, number, number, number];
    return {
      flops: 4 * keys * sizeOf(output.shape),
      bytes: 8 * keys * b * g * k + 8 * sizeOf(output.shape) +
        (bias ? 4 * sizeOf(bias.shape) : 0),
    };
  },
});

function checkBias(
  type: TensorType | undefined,
  kind: BiasKind | undefined,
  { b, l, h }: { readonly b: number; readonly l: number; readonly h: number },
): void {
  const op = "paged_attention";
  if ((type === undefined) !== (kind === undefined)) {
    throw new RookeryError(
      "config",
      `Cannot apply ${op} with ${type ? "five" : "four"} operands and the ` +
        `attribute bias ${kind}: a fifth operand goes with "slopes" or ` +
        '"distances", four operands with none',
      { op, actual: kind },
    );
  }
  if (type === undefined) return;
  checkFloat(op, type);
  if (kind === "slopes") bindAxes(op, type.shape, "h", { h });
  else bindAxes(op, type.shape, "b l h D", { b, l, h });
}

/** What row `at` of the queries, at position `i`, adds for a key. */
function biasOf(
  kind: BiasKind,
  [values, { shape }]: readonly [HostArray, TensorType],
  { at, h, i }: { readonly at: number; readonly h: number; readonly i: number },
): (s: number) => number {
  if (kind === "slopes") return (s) => values[at % h]! * (s - i);
  const distances = shape[3]!;
  return (s) => values[at * distances + Math.min(i - s, distances - 1)]!;
}
