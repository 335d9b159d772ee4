/**
 * Copies whole pages of a KV cache, for sequences that share a past and then
 * write different continuations.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import { defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";

/**
 * `cache[to[i]] = cache[from[i]]` for every i: `cache` [pages, …] (donated),
 * `from` and `to` u32 [c]. No page may be both a source and a target.
 * Pages beyond the cache are left alone, so unused entries can be padded.
 */
export const pageCopy: Op<object, [cache: Tensor, from: Tensor, to: Tensor]> =
  defineOp<object, [cache: Tensor, from: Tensor, to: Tensor]>({
    name: "page_copy",
    donates: 0,
    infer([cache, from, to]) {
      const { c } = bindAxes("page_copy", from!.shape, "c");
      bindAxes("page_copy", to!.shape, "c", { c: c! });
      if (from!.dtype !== "u32" || to!.dtype !== "u32") {
        throw new RookeryError(
          "dtype",
          "Cannot apply page_copy as page numbers must be u32: they are " +
            `${from!.dtype} and ${to!.dtype}`,
          { op: "page_copy" },
        );
      }
      return cache!;
    },
    cpu({ inputs: [, from, to], types, output }) {
      const pages = types[0]!.shape[0]!;
      const step = output.length / pages;
      from!.forEach((page, i) => {
        if (page >= pages || to![i]! >= pages) return;
        output.copyWithin(to![i]! * step, page * step, (page + 1) * step);
      });
    },
    kernels({ inputs: [cache, from] }) {
      const pages = cache!.type.shape[0]!;
      const step = sizeOf(cache!.type.shape) / pages;
      const flat = flatDispatch(from!.type.shape[0]! * step);
      return {
        kernels: [{
          name: "page_copy",
          bindings: [
            { name: "cache", of: "output", view: "scalar", isWritten: true },
            { name: "source", of: 1, view: "scalar" },
            { name: "goal", of: 2, view: "scalar" },
          ],
          params: { ...flat.params, pages, page_size: step },
          workgroupSize: flat.workgroupSize,
          workgroups: flat.workgroups,
          body: `${FLAT_INDEX}
  let which = i / p.page_size;
  let at = i % p.page_size;
  let source_page = load_source(which);
  let goal_page = load_goal(which);
  if (source_page >= p.pages || goal_page >= p.pages) { return; }
  store_cache(goal_page * p.page_size + at, load_cache(source_page * p.page_size + at));`,
        }],
      };
    },
    gradient: "none",
    cost([cache, from]) {
      const page = sizeOf(cache!.shape) / cache!.shape[0]!;
      return { flops: 0, bytes: 8 * page * from!.shape[0]! };
    },
  });
