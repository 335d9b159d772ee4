/**
 * Attention of text to pictures through their cached keys and values
 * (Alayrac et al., 2022, section 2.4).
 *
 * @module
 */

import { checkFloat } from "./check_float.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { attendPagesKernel } from "./attend_pages.ts";
import { attendRow } from "./attend_row.ts";
import { checkCache, pageSlots, readPaged } from "./cache_type.ts";
import { checkIndices, checkSize } from "./control_type.ts";
import { checkGroups } from "./head_groups.ts";

/** Attributes of `mediaAttention`. */
export interface MediaAttentionAttrs {
  /** Factor of the scores, mostly `1 / sqrt(k)`. */
  readonly scale: number;
  /** Whether a token sees its latest picture only or all before it as well. */
  readonly attendTo: "latest" | "all";
  /** Latents a picture, r; slots of a page past them are never seen. */
  readonly latents: number;
}

/**
 * Token j of row b with ordinal `o = media[b, j]` attends to the r latents of
 * picture o ("latest") or of pictures 1 .. o ("all"); o = 0 gives exact zeros.
 * `q` [b, l, h, k], `cache` [pages, 2, g, k, s] by `mediaWrite`, s = r rounded
 * up to a multiple of 4, `media` u32 [b, l], `table` u32 [b, t]: page of each
 * of a row's pictures in order.
 */
export const mediaAttention: Op<
  MediaAttentionAttrs,
  [q: Tensor, cache: Tensor, media: Tensor, table: Tensor]
> = defineOp<
  MediaAttentionAttrs,
  [q: Tensor, cache: Tensor, media: Tensor, table: Tensor]
>({
  name: "media_attention",
  infer([q, cache, media, table], { latents }) {
    const op = "media_attention";
    const { g, k, slots } = checkCache(op, cache!);
    checkSize(op, "the slots of a page", pageSlots(latents), slots);
    const { dtype } = checkFloat(op, q!);
    const { b, l, h } = bindAxes(op, q!.shape, "b l h k", { k });
    checkGroups(op, h!, g);
    checkIndices(op, media!, 2);
    bindAxes(op, media!.shape, "b l", { b: b!, l: l! });
    const rows = checkIndices(op, table!, 2)[0]!;
    checkSize(op, "rows of the picture table", b!, rows);
    return { dtype, shape: q!.shape };
  },
  cpu({ inputs: [q, cache, media, table], types, attrs, output }) {
    const [, l, h, k] = types[0]!.shape as [number, number, number, number];
    const sizes = checkCache("media_attention", types[1]!);
    const width = types[3]!.shape[1]!;
    for (let at = 0; at < output.length / k; at++) {
      const token = Math.floor(at / h), row = Math.floor(token / l);
      const ordinal = Math.min(media![token]!, width);
      const head = Math.floor((at % h) * sizes.g / h);
      const pages = table!.subarray(row * width, (row + 1) * width);
      const own = { cache: cache!, sizes, pages, head };
      const first = attrs.attendTo === "latest" ? Math.max(1, ordinal) : 1;
      attendRow({
        q: q!,
        base: at * k,
        width: k,
        low: (first - 1) * sizes.slots,
        high: ordinal * sizes.slots,
        isSeen: (s) => s % sizes.slots < attrs.latents,
        scale: attrs.scale,
        key: readPaged(own, 0),
        value: readPaged(own, 1),
        output,
      });
    }
  },
  kernels(context) {
    const { inputs, attrs } = context;
    const slots = inputs[1]!.type.shape[4]!, { latents } = attrs;
    const isLatest = attrs.attendTo === "latest";
    const low = isLatest ? `max(ordinal, 1u) * ${slots}u - ${slots}u` : "0u";
    // Of one picture, the range leaves out the empty slots; of several, they
    // lie between what is seen.
    const high = isLatest
      ? `select(0u, low + ${latents}u, ordinal > 0u)`
      : `ordinal * ${slots}u`;
    const mask = isLatest || latents === slots
      ? undefined
      : `fn may_see(query: u32, key: u32) -> bool {
  return key % ${slots}u < ${latents}u;
}`;
    return {
      kernels: [attendPagesKernel(context, {
        name: "media_attention",
        bindings: [{ name: "media", of: 2, view: "scalar" }],
        params: {},
        table: 3,
        scale: attrs.scale,
        range: `    let ordinal = min(load_media(b * p.l + j), p.table_width);
    low = ${low};
    high = ${high};`,
        mask,
      })],
    };
  },
  gradient: "none",
  isCostOfRoom: true,
  cost([q, cache, , table], output, { attendTo, latents }) {
    const pictures = attendTo === "latest" ? 1 : table!.shape[1]!;
    const keys = pictures * latents;
    return {
      flops: 4 * keys * sizeOf(output.shape),
      bytes: 8 * keys * sizeOf(cache!.shape.slice(2, 4)) * q!.shape[0]! +
        8 * sizeOf(output.shape),
    };
  },
});
