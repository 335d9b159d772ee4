/**
 * Control rows and page tables as operands of op cases.
 *
 * @module
 */

import {
  type Adjustment,
  adjustmentWords,
  writeAdjustments,
} from "../../ops/adjustments.ts";
import { controlWidth } from "../../ops/control_row.ts";
import {
  type ControlFields,
  writeControlRow,
} from "../../ops/write_control_row.ts";
import type { OperandSpec } from "./check_op.ts";

/** Control rows, one for each set of fields, for a vocabulary of 32 or v. */
export function controlRows(
  fields: readonly ControlFields[],
  vocabulary = 32,
): Uint32Array<ArrayBuffer> {
  const words = controlWidth(vocabulary);
  const rows = new Uint32Array(fields.length * words);
  fields.forEach((one, i) =>
    writeControlRow(rows.subarray(i * words, (i + 1) * words), one)
  );
  return rows;
}

/** Fields of a row, with what is known of single tokens. */
export interface AdjustedFields extends ControlFields {
  /** Times that tokens were drawn before the row was written. */
  readonly counts?: readonly (readonly [token: number, count: number])[];
  /** What is added to tokens' logits. */
  readonly bias?: readonly (readonly [token: number, value: number])[];
}

/** Control rows and the blocks of adjustments that they point to. */
export function adjustedRows(
  fields: readonly AdjustedFields[],
  vocabulary: number,
): {
  readonly control: Uint32Array<ArrayBuffer>;
  readonly adjustments: Uint32Array<ArrayBuffer>;
} {
  const blocks: number[] = [];
  const placed = fields.map(({ counts = [], bias = [], ...one }) => {
    const known = new Map<number, Adjustment>();
    for (const [token, count] of counts) known.set(token, { count, bias: 0 });
    for (const [token, value] of bias) {
      known.set(token, { count: known.get(token)?.count ?? 0, bias: value });
    }
    if (known.size === 0) return one;
    const adjust = blocks.length;
    const block = new Uint32Array(adjustmentWords(vocabulary, known.size));
    writeAdjustments(block, vocabulary, known);
    blocks.push(...block);
    return { ...one, adjust };
  });
  return {
    control: controlRows(placed, vocabulary),
    adjustments: Uint32Array.from(blocks.length > 0 ? blocks : [0]),
  };
}

/** Control rows as an operand. */
export function controlOperand(
  fields: readonly ControlFields[],
  vocabulary = 32,
): Exclude<OperandSpec, readonly number[]> {
  const shape = [fields.length, controlWidth(vocabulary)];
  return {
    shape,
    dtype: "u32",
    values: [...controlRows(fields, vocabulary)],
  };
}

/** A u32 operand. */
export function indices(
  shape: readonly number[],
  values: readonly number[],
): Exclude<OperandSpec, readonly number[]> {
  return { shape, dtype: "u32", values };
}

/** A page table u32 [b, pages] that names b · pages pages out of order. */
export function scrambledTable(
  b: number,
  pages: number,
): Exclude<OperandSpec, readonly number[]> {
  const count = b * pages;
  // A step without a factor in common with the count visits every page.
  let step = Math.max(1, Math.floor(count * 0.6));
  while (gcd(step, count) !== 1) step++;
  return indices(
    [b, pages],
    Array.from({ length: count }, (_, i) => (i * step + 1) % count),
  );
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
