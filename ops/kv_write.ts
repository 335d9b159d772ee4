/**
 * Writes a chunk's keys and values to the pages of a KV cache.
 *
 * @module
 */

import type { KernelContext, KernelList } from "../core/kernel.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { cacheIndex, checkCache, PAGE_SLOTS } from "./cache_type.ts";
import { CONTROL } from "./control_row.ts";
import { checkControl, checkIndices, checkSize } from "./control_type.ts";
import { checkFloat } from "./elementwise.ts";

/**
 * Token j of row b, j < count[b], goes to position `i = position[b] + j`: page
 * `table[b, i / 16]`, slot `i % 16`. Tokens beyond the table or the cache are
 * left out. `cache` [pages, 2, g, k, 16] (donated), `k` and `v` [b, l, g, k],
 * control rows u32 [b, words], `table` u32 [b, P] of pages in order.
 */
export const kvWrite: Op<
  object,
  [cache: Tensor, k: Tensor, v: Tensor, control: Tensor, table: Tensor]
> = defineOp<
  object,
  [cache: Tensor, k: Tensor, v: Tensor, control: Tensor, table: Tensor]
>({
  name: "kv_write",
  donates: 0,
  infer([cache, keys, values, control, table]) {
    const op = "kv_write";
    const { g, k, slots } = checkCache(op, cache!);
    checkSize(op, "the slots of a page", PAGE_SLOTS, slots);
    checkFloat(op, keys!);
    checkFloat(op, values!);
    const { b, l } = bindAxes(op, keys!.shape, "b l g k", { g, k });
    bindAxes(op, values!.shape, "b l g k", { b: b!, l: l!, g, k });
    const rows = checkControl(op, control!).b;
    checkSize(op, "the number of control rows", b!, rows);
    checkSize(
      op,
      "rows of the page table",
      b!,
      checkIndices(op, table!, 2)[0]!,
    );
    return { dtype: cache!.dtype, shape: cache!.shape };
  },
  cpu({ inputs: [, keys, values, control, table], types, output }) {
    const sizes = checkCache("kv_write", types[0]!);
    const { pages, g, k } = sizes;
    const [b, l] = types[1]!.shape as [number, number];
    const words = types[3]!.shape[1]!, P = types[4]!.shape[1]!;
    for (let row = 0; row < b; row++) {
      const position = control![row * words + CONTROL.position]!;
      const count = Math.min(l, control![row * words + CONTROL.count]!);
      for (let j = 0; j < count; j++) {
        const index = Math.floor((position + j) / PAGE_SLOTS);
        const page = index < P ? table![row * P + index]! : pages;
        if (page >= pages) continue;
        const slot = (position + j) % PAGE_SLOTS;
        for (let i = 0; i < g * k; i++) {
          const head = Math.floor(i / k), from = (row * l + j) * g * k + i;
          const key = cacheIndex(sizes, page, 0, head, i % k, slot);
          const value = cacheIndex(sizes, page, 1, head, i % k, slot);
          output[key] = keys![from]!;
          output[value] = values![from]!;
        }
      }
    }
  },
  kernels: kvWriteKernel,
  gradient: "none",
  cost: ([, k]) => ({ flops: 0, bytes: 16 * sizeOf(k!.shape) }),
});

function kvWriteKernel(
  { inputs, output }: KernelContext<object>,
): KernelList {
  const { pages, g, k } = checkCache("kv_write", output.type);
  const [, l] = inputs[1]!.type.shape as [number, number];
  const { params, ...flat } = flatDispatch(sizeOf(inputs[1]!.type.shape));
  return {
    kernels: [{
      name: "kv_write",
      bindings: [
        { name: "keys", of: 1, view: "scalar" },
        { name: "values", of: 2, view: "scalar" },
        { name: "control", of: 3, view: "scalar" },
        { name: "table", of: 4, view: "scalar" },
        { name: "cache", of: "output", view: "scalar", isWritten: true },
      ],
      params: {
        ...params,
        pages,
        l,
        width: g * k,
        words: inputs[3]!.type.shape[1]!,
        table_width: inputs[4]!.type.shape[1]!,
      },
      ...flat,
      body: `${FLAT_INDEX}
  let token = i / p.width;
  let row = token / p.l;
  let j = token - row * p.l;
  let control = row * p.words;
  let at = load_control(control + ${CONTROL.position}u) + j;
  let index = at / ${PAGE_SLOTS}u;
  if (j >= load_control(control + ${CONTROL.count}u)) { return; }
  if (index >= p.table_width) { return; }
  let page = load_table(row * p.table_width + index);
  if (page >= p.pages) { return; }
  let element = i - token * p.width;
  let to = (page * 2u * p.width + element) * ${PAGE_SLOTS}u + at % ${PAGE_SLOTS}u;
  store_cache(to, load_keys(i));
  store_cache(to + p.width * ${PAGE_SLOTS}u, load_values(i));`,
    }],
  };
}
