/**
 * Causal self-attention over a paged KV cache (Kwon et al., 2023).
 *
 * @module
 */

import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { attendPagesKernel } from "./attend_pages.ts";
import { attendRow } from "./attend_row.ts";
import { checkCache, PAGE_SLOTS, readPaged } from "./cache_type.ts";
import { CONTROL } from "./control_row.ts";
import { checkControl, checkIndices, checkSize } from "./control_type.ts";
import { checkFloat } from "./elementwise.ts";
import { checkGroups } from "./head_groups.ts";

/** Attributes of `pagedAttention`. */
export interface PagedAttentionAttrs {
  /** Factor of the scores, mostly `1 / sqrt(k)`. */
  readonly scale: number;
}

/**
 * Query j of row b, j < count[b], attends to the keys at 0 .. position[b] + j;
 * later queries give zeros. Head i reads head `floor(i · g / h)` of the cache.
 * `q` [b, l, h, k], `cache` [pages, 2, g, k, 16] after this chunk's `kvWrite`,
 * control rows u32 [b, words], `table` u32 [b, P] to [b, l, h, k]. Keys beyond
 * the table do not count.
 */
export const pagedAttention: Op<
  PagedAttentionAttrs,
  [q: Tensor, cache: Tensor, control: Tensor, table: Tensor]
> = defineOp<
  PagedAttentionAttrs,
  [q: Tensor, cache: Tensor, control: Tensor, table: Tensor]
>({
  name: "paged_attention",
  infer([q, cache, control, table]) {
    const op = "paged_attention";
    const { g, k, slots } = checkCache(op, cache!);
    checkSize(op, "the slots of a page", PAGE_SLOTS, slots);
    const { dtype } = checkFloat(op, q!);
    const { b, h } = bindAxes(op, q!.shape, "b l h k", { k });
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
  cpu({ inputs: [q, cache, control, table], types, attrs, output }) {
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
        const own = { cache: cache!, sizes, pages, head };
        attendRow({
          q: q!,
          base: at * k,
          width: k,
          low: 0,
          high: j < count ? Math.min(position + j + 1, width * PAGE_SLOTS) : 0,
          scale: attrs.scale,
          key: readPaged(own, 0),
          value: readPaged(own, 1),
          output,
        });
      }
    }
  },
  kernels(context) {
    const { inputs, attrs } = context;
    return {
      kernels: [attendPagesKernel(context, {
        name: "paged_attention",
        bindings: [{ name: "control", of: 2, view: "scalar" }],
        params: { words: inputs[2]!.type.shape[1]! },
        table: 3,
        scale: attrs.scale,
        range: `    if (j < load_control(b * p.words + ${CONTROL.count}u)) {
      high = load_control(b * p.words + ${CONTROL.position}u) + j + 1u;
      high = min(high, p.table_width * ${PAGE_SLOTS}u);
    }`,
      })],
    };
  },
  gradient: "none",
  // Counted for a full table: how much of it is in use is known on the device.
  cost([q, cache, , table], output) {
    const keys = table!.shape[1]! * PAGE_SLOTS;
    const [b] = q!.shape as [number];
    const [, , g, k] = cache!.shape as [number, number, number, number];
    return {
      flops: 4 * keys * sizeOf(output.shape),
      bytes: 8 * keys * b * g * k + 8 * sizeOf(output.shape),
    };
  },
});
