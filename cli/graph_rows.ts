/**
 * Segments of a program and ops of a template as rows, with what repeats
 * folded.
 *
 * @module
 */

import type {
  GraphOp,
  GraphSegment,
  NamedType,
  ProgramGraph,
  TemplateGraph,
} from "../mod.ts";
import { type FoldedRows, foldedRows, foldRepeats } from "./fold_repeats.ts";

/** Rows of a program's segments; equal ones use one template. */
export function segmentRows(
  { segments }: ProgramGraph,
): FoldedRows<GraphSegment> {
  return foldedRows(foldRepeats(segments, ({ template }) => String(template)));
}

/**
 * Rows of a template's ops; equal ones are fed from equally far above, or by
 * one value that all of them read.
 */
export function opRows({ ops }: TemplateGraph): FoldedRows<GraphOp> {
  const uses = new Map<string, number>();
  for (const operand of ops.flatMap(({ operands }) => operands)) {
    uses.set(operand, (uses.get(operand) ?? 0) + 1);
  }
  return foldedRows(foldRepeats(ops, ({ op, shape, dtype, ...rest }, at) => {
    const operands = rest.operands.map((operand) => {
      const isShared = uses.get(operand)! > SHARED_USES;
      return isShared ? operand : operandKey(operand, at);
    });
    return JSON.stringify([op, shape, dtype, rest.attrs, operands]);
  }));
}

/** A value that more ops read is no layer's own. */
const SHARED_USES = 4;

function operandKey(operand: string, at: number): string {
  const sign = operand[0];
  if (sign === "%") return `%${Number(operand.slice(1)) - at}`;
  if (sign === "#") return "#";
  return sign === "@" ? operand.replaceAll(/\d+/g, "N") : operand;
}

/** A type, as people read it: `f32 [1, 128, 2048]`. */
export function showType(
  { dtype, shape }: Pick<NamedType, "dtype" | "shape">,
): string {
  return `${dtype} [${shape.join(", ")}]`;
}

/** Parameters of a template's weights. */
export function weightCount({ weights }: TemplateGraph): number {
  return weights.reduce(
    (sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1),
    0,
  );
}

/** Names with a number at their end that have one type as one: `kv0 … kv23`. */
export function foldedNames(
  types: readonly NamedType[],
): { readonly names: string; readonly type: string }[] {
  const groups = new Map<string, { names: string[]; type: string }>();
  for (const each of types) {
    const type = showType(each);
    const key = `${each.name.replace(/\d+$/, "")} ${type}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { names: [each.name], type });
    else known.names.push(each.name);
  }
  return [...groups.values()].map(({ names, type }) => ({
    names: names.length > 2
      ? `${names[0]} … ${names.at(-1)} (${names.length})`
      : names.join(", "),
    type,
  }));
}

/** A count with its word: `1 op`, `20 ops`. */
export function showMany(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
