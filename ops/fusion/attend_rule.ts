/**
 * The rule that puts `attendStep` in the place of self-attention over pages.
 *
 * @module
 */

import { operandsOf } from "../../core/graph.ts";
import type { GraphUses, RewriteRule } from "../../core/rewrite.ts";
import type { Tensor } from "../../core/tensor.ts";
import { attendStep, type AttendStepAttrs } from "../attend_step.ts";
import { kvWrite } from "../kv_write.ts";
import {
  pagedAttention,
  type PagedAttentionAttrs,
} from "../paged_attention.ts";
import { reshape } from "../reshape.ts";
import { rope, type RopeAttrs } from "../rope.ts";
import { stateAfter } from "../state_after.ts";
import {
  asProject,
  attrsOf,
  isBare,
  isMadeBy,
  joined,
  type ProjectUse,
} from "./parts.ts";
import { canJoin } from "./project_rules.ts";

/** Queries or keys: where they come from, and how they turn. */
interface Heads {
  readonly use: ProjectUse;
  readonly turning: readonly Tensor[];
  readonly isInterleaved: boolean;
}

/**
 * `pagedAttention(rope(q), kvWrite(cache, rope(k), v))`, q, k and v being
 * products of the same rows; with or without the rotations.
 */
export const attendRule: RewriteRule = {
  name: "attend",
  match(tensor, uses) {
    if (!isMadeBy(tensor, pagedAttention)) return undefined;
    const { scale, bias } = attrsOf<PagedAttentionAttrs>(tensor);
    const [queries, written, control, table] = operandsOf(tensor) as Tensor[];
    // The cache's new value is read here, and is a result of the block.
    if (bias !== undefined || !isMadeBy(written!, kvWrite)) return undefined;
    if (uses.count(written!) > 2) return undefined;
    const [cache, keys, values, ...where] = operandsOf(written!) as Tensor[];
    if (where[0] !== control || where[1] !== table) return undefined;
    const q = headsOf(queries!, uses), k = headsOf(keys!, uses);
    const v = headsOf(values!, uses);
    if (!q || !k || !v || !isTurnedAlike(q, k) || v.turning.length > 0) {
      return undefined;
    }
    if (!canJoin(q.use, k.use) || !canJoin(q.use, v.use)) return undefined;
    const all = [q, k, v];
    const qkv = joined({
      ...q.use,
      weights: all.flatMap(({ use }) => use.weights),
      biases: all.flatMap(({ use }) => use.biases),
    }, { ...q.use.attrs, weights: 3 });
    const attrs: AttendStepAttrs = {
      heads: tensor.shape[2]!,
      scale,
      isInterleaved: q.isInterleaved,
    };
    const operands = [qkv, cache!, control!, table!] as const;
    const [positions, rotations] = q.turning;
    const made = positions && rotations
      ? attendStep(...operands, positions, rotations, attrs)
      : attendStep(...operands, attrs);
    return new Map([[tensor, made], [written!, stateAfter(cache!, made)]]);
  },
};

/** Heads that nothing else reads. */
function headsOf(tensor: Tensor, uses: GraphUses): Heads | undefined {
  const isTurned = isMadeBy(tensor, rope);
  if (isTurned && uses.count(tensor) > 1) return undefined;
  const attrs = isTurned ? attrsOf<RopeAttrs>(tensor) : {};
  if (attrs.isInverse) return undefined;
  const [x, ...turning] = isTurned ? operandsOf(tensor) : [tensor];
  let plain = x!;
  while (isMadeBy(plain, reshape)) {
    if (uses.count(plain) > 1) return undefined;
    plain = operandsOf(plain)[0]!;
  }
  const use = asProject(plain);
  if (!use || uses.count(plain) > 1 || !isBare(use)) return undefined;
  return { use, turning, isInterleaved: attrs.isInterleaved ?? false };
}

function isTurnedAlike(q: Heads, k: Heads): boolean {
  return q.isInterleaved === k.isInterleaved &&
    q.turning.length === k.turning.length &&
    q.turning.every((operand, i) => operand === k.turning[i]);
}
