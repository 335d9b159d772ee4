/**
 * Shape rule and meaning that dense attention and its weights share. Not an
 * op.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { bindAxes } from "../core/shape.ts";
import type { TensorType } from "../core/tensor.ts";
import type { AttendRow } from "./attend_row.ts";
import { checkFloat } from "./check_float.ts";
import { checkIndices } from "./control_type.ts";
import { checkGroups } from "./head_groups.ts";

/** Attributes of attention. */
export interface AttentionAttrs {
  /** Factor of the scores, mostly `1 / sqrt(k)`. */
  readonly scale: number;
  /** Query j sees the keys 0 .. s − l + j only; false by default. */
  readonly isCausal?: boolean;
}

/** Sizes of attention. */
export interface AttentionSizes {
  /** Rows of the batch. */
  readonly b: number;
  /** Queries of a row. */
  readonly l: number;
  /** Keys of a row. */
  readonly s: number;
  /** Heads of the queries. */
  readonly h: number;
  /** Heads of the keys. */
  readonly g: number;
  /** Head dimension. */
  readonly k: number;
}

/** Checks queries [b, l, h, k], keys [b, s, g, k] and a mask u32 [b, l, s]. */
export function attentionSizes(
  op: string,
  q: TensorType,
  keys: TensorType,
  mask: TensorType | undefined,
): AttentionSizes {
  checkFloat(op, q);
  checkFloat(op, keys);
  const { b, l, h, k } = bindAxes(op, q.shape, "b l h k");
  const known = { b: b!, k: k! };
  const { s, g } = bindAxes(op, keys.shape, "b s g k", known);
  checkGroups(op, h!, g!);
  if (mask) {
    checkIndices(op, mask, 3);
    bindAxes(op, mask.shape, "b l s", { b: b!, l: l!, s: s! });
  }
  return { b: b!, l: l!, s: s!, h: h!, g: g!, k: k! };
}

/** What one query sees: `at` counts queries over b, l and h. */
export function seenByQuery(
  { l, s, h, g, k }: AttentionSizes,
  at: number,
  { scale, isCausal }: AttentionAttrs,
  [q, keys, mask]: readonly [HostArray, HostArray, HostArray | undefined],
): Omit<AttendRow, "value" | "output"> {
  const query = Math.floor(at / h);
  const row = Math.floor(query / l), j = query % l;
  const head = Math.floor((at % h) * g / h);
  return {
    q,
    base: at * k,
    width: k,
    low: 0,
    high: isCausal ? Math.max(0, s - l + j + 1) : s,
    isSeen: (key) => mask === undefined || mask[query * s + key] !== 0,
    scale,
    key: (key, d) => keys[((row * s + key) * g + head) * k + d]!,
  };
}
