/**
 * Pieces of the weights of `project`, and which of them share a dispatch.
 * Not an op.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { KernelContext } from "../../core/kernel.ts";
import type { PackedLayout } from "../../core/layouts/layout.ts";
import type { ProjectAttrs } from "./project_attrs.ts";
import { rolesOf } from "./roles.ts";

/** Rows of a weight in one binding. */
export interface Piece {
  /** Which weight, from 0. */
  readonly weight: number;
  /** Its operand. */
  readonly operand: number;
  /** Part of the operand. */
  readonly part: number;
  /** How it lies. */
  readonly layout: PackedLayout;
  /** First row. */
  readonly start: number;
  /** Row after the last. */
  readonly end: number;
  /** Column of the result at which the weight's row 0 goes. */
  readonly column: number;
}

/** Pieces by dispatch; those of a gate alternate, two by two. */
export function piecesOf(
  { inputs, attrs, profile }: KernelContext<ProjectAttrs>,
): Piece[][] {
  const roles = rolesOf(attrs);
  let column = 0;
  const lists = roles.weights.map((operand, weight): Piece[] => {
    const { layout, parts, type } = inputs[operand]!;
    if (layout === undefined || parts === undefined) throw notPacked(weight);
    const own = { weight, operand, layout, column };
    column += type.shape[0]!;
    return parts.map(({ start, end }, part) => ({ ...own, part, start, end }));
  });
  if (attrs.join === "gate") return gated(lists as [Piece[], Piece[]]);
  // x or what stands for it, the norm's operands, gain, residual, result.
  const common = 2 + roles.norm.length + (roles.gain ? 1 : 0) +
    (roles.residual ? 1 : 0);
  const each = attrs.hasBias ? 2 : 1;
  const most = Math.max(1, Math.floor((profile.maxBindings - common) / each));
  const all = lists.flat();
  return Array.from(
    { length: Math.ceil(all.length / most) },
    (_, i) => all.slice(i * most, (i + 1) * most),
  );
}

/** Both weights of a gate in one lane: cut where either is cut. */
function gated([open, factor]: readonly [Piece[], Piece[]]): Piece[][] {
  const cuts = new Set([...open, ...factor].map(({ start }) => start));
  const starts = [...cuts].sort((a, b) => a - b);
  const isWhole = open.length === factor.length &&
    starts.length === open.length;
  const isAlike = open[0]!.layout.block === factor[0]!.layout.block;
  if (isWhole && isAlike) return open.map((piece, i) => [piece, factor[i]!]);
  return [...open, ...factor].map((piece) => [piece]);
}

function notPacked(weight: number): RookeryError {
  return new RookeryError(
    "dtype",
    `Cannot apply project as weight ${weight} has no packed layout: give ` +
      "weights of a model",
    { op: "project" },
  );
}
