/**
 * Writes pictures' keys and values for one cross-attention layer, once a
 * picture; every step, beam and request that uses it reads them from there.
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import type { KernelContext, KernelList } from "../core/kernel.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { cacheIndex, checkCache, pageSlots } from "./cache_type.ts";
import { checkIndices, checkSize } from "./control_type.ts";

/**
 * Latent j of picture i goes to slot j of page `slots[i]`, zeros to the page's
 * slots past the last latent; a page beyond the cache, such as 0xffffffff,
 * leaves the picture out. `cache` [pages, 2, h, k, s] (donated), s = r rounded
 * up to a multiple of 4, `k` and `v` [t, r, h, k], `slots` u32 [t].
 */
export const mediaWrite: Op<
  object,
  [cache: Tensor, k: Tensor, v: Tensor, slots: Tensor]
> = defineOp<object, [cache: Tensor, k: Tensor, v: Tensor, slots: Tensor]>({
  name: "media_write",
  donates: 0,
  infer([cache, keys, values, slots]) {
    const op = "media_write";
    const { g: h, k, slots: s } = checkCache(op, cache!);
    checkFloat(op, keys!);
    checkFloat(op, values!);
    const { t, r } = bindAxes(op, keys!.shape, "t r h k", { h, k });
    bindAxes(op, values!.shape, "t r h k", { t: t!, r: r!, h, k });
    checkSize(op, "the slots of a page", pageSlots(r!), s);
    checkSize(op, "the number of slots", t!, checkIndices(op, slots!, 1)[0]!);
    return { dtype: cache!.dtype, shape: cache!.shape };
  },
  cpu({ inputs: [, keys, values, slots], types, output }) {
    const sizes = checkCache("media_write", types[0]!);
    const [t, r, h, k] = types[1]!.shape as [number, number, number, number];
    for (let i = 0; i < t * sizes.slots * h * k; i++) {
      const at = Math.floor(i / (h * k)); // picture and slot
      const picture = Math.floor(at / sizes.slots), slot = at % sizes.slots;
      const page = slots![picture]!;
      if (page >= sizes.pages) continue;
      const head = Math.floor(i / k) % h;
      const from = ((picture * r + slot) * h + head) * k + i % k;
      const key = cacheIndex(sizes, page, 0, head, i % k, slot);
      output[key] = slot < r ? keys![from]! : 0;
      const value = cacheIndex(sizes, page, 1, head, i % k, slot);
      output[value] = slot < r ? values![from]! : 0;
    }
  },
  kernels: mediaWriteKernel,
  gradient: "none",
  cost: ([, k]) => ({ flops: 0, bytes: 16 * sizeOf(k!.shape) }),
});

function mediaWriteKernel(
  { inputs, output }: KernelContext<object>,
): KernelList {
  const { pages, g, k, slots } = checkCache("media_write", output.type);
  const [t, r] = inputs[1]!.type.shape as [number, number];
  const { params, ...flat } = flatDispatch(t * slots * g * k);
  // Slots past the last latent hold zeros, so that nothing strange is there
  // when attention multiplies it by a weight of 0.
  const padding = r === slots ? "" : `  if (slot >= p.latents) {
    store_cache(to, 0.0);
    store_cache(to + p.width * p.page, 0.0);
    return;
  }
`;
  return {
    kernels: [{
      name: "media_write",
      bindings: [
        { name: "keys", of: 1, view: "scalar" },
        { name: "values", of: 2, view: "scalar" },
        { name: "slots", of: 3, view: "scalar" },
        { name: "cache", of: "output", view: "scalar", isWritten: true },
      ],
      params: { ...params, pages, width: g * k, latents: r, page: slots },
      ...flat,
      // Neighbouring lanes take neighbouring slots: they lie side by side.
      body: `${FLAT_INDEX}
  let element = i / p.page;
  let slot = i - element * p.page;
  let picture = element / p.width;
  let column = element - picture * p.width;
  let page = load_slots(picture);
  if (page >= p.pages) { return; }
  let to = (page * 2u * p.width + column) * p.page + slot;
${padding}  let source = (picture * p.latents + slot) * p.width + column;
  store_cache(to, load_keys(source));
  store_cache(to + p.width * p.page, load_values(source));`,
    }],
  };
}
