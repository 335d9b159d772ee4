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
import { cacheIndex, checkCache } from "./cache_type.ts";
import { checkIndices, checkSize } from "./control_type.ts";

/**
 * Latent r of picture i goes to slot r of page `slots[i]`; a page beyond the
 * cache, such as 0xffffffff, leaves the picture out. `cache` [pages, 2, h, k,
 * r] (donated), r a multiple of 4, `k` and `v` [t, r, h, k], `slots` u32 [t].
 */
export const mediaWrite: Op<
  object,
  [cache: Tensor, k: Tensor, v: Tensor, slots: Tensor]
> = defineOp<object, [cache: Tensor, k: Tensor, v: Tensor, slots: Tensor]>({
  name: "media_write",
  donates: 0,
  infer([cache, keys, values, slots]) {
    const op = "media_write";
    const { g: h, k, slots: r } = checkCache(op, cache!);
    checkFloat(op, keys!);
    checkFloat(op, values!);
    const { t } = bindAxes(op, keys!.shape, "t r h k", { r, h, k });
    bindAxes(op, values!.shape, "t r h k", { t: t!, r, h, k });
    checkSize(op, "the number of slots", t!, checkIndices(op, slots!, 1)[0]!);
    return { dtype: cache!.dtype, shape: cache!.shape };
  },
  cpu({ inputs: [, keys, values, slots], types, output }) {
    const sizes = checkCache("media_write", types[0]!);
    const { pages, g, k, slots: r } = sizes;
    for (let i = 0; i < keys!.length; i++) {
      const latent = Math.floor(i / (g * k));
      const page = slots![Math.floor(latent / r)]!;
      if (page >= pages) continue;
      const head = Math.floor(i / k) % g;
      output[cacheIndex(sizes, page, 0, head, i % k, latent % r)] = keys![i]!;
      output[cacheIndex(sizes, page, 1, head, i % k, latent % r)] = values![i]!;
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
  const { params, ...flat } = flatDispatch(sizeOf(inputs[1]!.type.shape));
  return {
    kernels: [{
      name: "media_write",
      bindings: [
        { name: "keys", of: 1, view: "scalar" },
        { name: "values", of: 2, view: "scalar" },
        { name: "slots", of: 3, view: "scalar" },
        { name: "cache", of: "output", view: "scalar", isWritten: true },
      ],
      params: { ...params, pages, width: g * k, latents: slots },
      ...flat,
      // Neighbouring lanes take neighbouring latents: they lie side by side.
      body: `${FLAT_INDEX}
  let element = i / p.latents;
  let latent = i - element * p.latents;
  let picture = element / p.width;
  let column = element - picture * p.width;
  let page = load_slots(picture);
  if (page >= p.pages) { return; }
  let source = (picture * p.latents + latent) * p.width + column;
  let to = (page * 2u * p.width + column) * p.latents + latent;
  store_cache(to, load_keys(source));
  store_cache(to + p.width * p.latents, load_values(source));`,
    }],
  };
}
