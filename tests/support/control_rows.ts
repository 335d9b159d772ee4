/**
 * Control rows and page tables as operands of op cases.
 *
 * @module
 */

import {
  type ControlFields,
  controlWidth,
  writeControlRow,
} from "../../ops/control_row.ts";
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

/** The same as an operand. */
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
