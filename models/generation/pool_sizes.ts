/**
 * How much the engine's pools hold, and the types of what lies in them.
 *
 * @module
 */

import { dtypeBytes } from "../../core/dtype.ts";
import { sizeOf } from "../../core/shape.ts";
import type { TensorType } from "../../core/tensor.ts";
import { PAGE_SLOTS, pageSlots } from "../../ops/cache_type.ts";
import type { ModelStack, VisionStack } from "./stack.ts";

/** Sizes of the engine's pools; programs are captured for them. */
export interface PoolSizes {
  /** Pages of the KV cache. */
  readonly pages: number;
  /** Pictures of the media cache. */
  readonly pictures: number;
  /** Pages that one row may hold. */
  readonly rowPages: number;
  /** Pictures that one row may hold. */
  readonly rowPictures: number;
  /** Number type of caches, and of values between layers. */
  readonly activations: Activations;
}

/** Tokens that the KV cache of a new engine holds; it grows. */
export const FIRST_TOKENS = 512;

/** Pictures that the media cache of a new engine holds; it grows. */
export const FIRST_PICTURES = 8;

/** Most pictures of a row, whatever the context. */
export const MOST_ROW_PICTURES = 2048;

/** Most pages and pictures of a row with a context of so many tokens. */
export function rowSizes(
  context: number,
): Pick<PoolSizes, "rowPages" | "rowPictures"> {
  return {
    rowPages: Math.ceil(context / PAGE_SLOTS),
    // A picture takes at least its own token of the context.
    rowPictures: Math.min(context, MOST_ROW_PICTURES),
  };
}

/**
 * How values between layers, keys and values are kept; sums are always made in
 * f32. `f16` halves the memory, and values beyond 65504 become infinite.
 */
export type Activations = "f32" | "f16";

/** Type of the KV state of a layer: [pages, 2, g, k, tokens of a page]. */
export function kvType({ language }: ModelStack, sizes: PoolSizes): TensorType {
  const { heads, headDim } = language.cache;
  const shape = [sizes.pages, 2, heads, headDim, PAGE_SLOTS];
  return { dtype: sizes.activations, shape };
}

/**
 * Type of the media state of a gated block: [pictures, 2, h, k, s], s the
 * latents of a picture rounded up to a multiple of 4.
 */
export function mediaType(
  { crossAttention }: VisionStack,
  sizes: PoolSizes,
): TensorType {
  const { heads, headDim, latents } = crossAttention.cache;
  const shape = [sizes.pictures, 2, heads, headDim, pageSlots(latents)];
  return { dtype: sizes.activations, shape };
}

/** Types of all states of the pools, by name. */
export function poolTypes(
  stack: ModelStack,
  sizes: PoolSizes,
): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  stack.language.blocks.forEach((_, i) =>
    types.set(`kv${i}`, kvType(stack, sizes))
  );
  for (const { layer } of stack.eyes?.crossAttention.blocks ?? []) {
    types.set(`media${layer}`, mediaType(stack.eyes!, sizes));
  }
  return types;
}

/** Bytes of one page, and of one picture, over all layers. */
export function entryBytes(
  stack: ModelStack,
  activations: Activations,
): { readonly page: number; readonly picture: number } {
  const one = { pages: 1, pictures: 1, rowPages: 1, rowPictures: 1 };
  let page = 0, picture = 0;
  for (const [name, type] of poolTypes(stack, { ...one, activations })) {
    const bytes = typeBytes(type);
    if (name.startsWith("kv")) page += bytes;
    else picture += bytes;
  }
  return { page, picture };
}

/** Bytes of a value on the device. */
export function typeBytes({ dtype, shape }: TensorType): number {
  return sizeOf(shape) * dtypeBytes(dtype);
}
