/**
 * Golden logits of padded rows, without the padding.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";

/** A row of golden data. */
export interface GoldenRow {
  /** For messages: which row, and how it is padded. */
  readonly label: string;
  /** Its tokens that are not masked. */
  readonly tokens: readonly number[];
  /** Logits [l, v] after each of them. */
  readonly logits: Float32Array;
  /** Logits a token, v. */
  readonly vocabulary: number;
}

/**
 * The rows of `inputs.safetensors` and `logits.safetensors` in a folder; one
 * of them must be padded on the left and one on the right.
 */
export async function readGoldenRows(folder: string): Promise<GoldenRow[]> {
  const inputs = await readSafetensors(join(folder, "inputs.safetensors"));
  const golden = await readSafetensors(join(folder, "logits.safetensors"));
  const ids = inputs.get("input_ids")!, mask = inputs.get("attention_mask")!;
  const { shape, values } = golden.get("logits")!;
  const [rows, length, vocabulary] = shape as [number, number, number];
  assert.deepEqual([ids.shape, mask.shape], Array(2).fill([rows, length]));
  const isKept = (at: number) => Number(mask.values[at]) === 1;
  const starts = Array.from({ length: rows }, (_, row) => row * length);
  const left = starts.filter((start) => !isKept(start));
  const right = starts.filter((start) => !isKept(start + length - 1));
  assert.ok(left.length > 0 && right.length > 0, "rows padded on each side");
  return starts.map((start, row) => {
    const kept = Array.from({ length }, (_, i) => start + i).filter(isKept);
    const logits = new Float32Array(kept.length * vocabulary);
    kept.forEach((at, i) => {
      const own = values.subarray(at * vocabulary, (at + 1) * vocabulary);
      logits.set(own as Float32Array, i * vocabulary);
    });
    const padded = left.includes(start)
      ? ", padded on the left"
      : right.includes(start)
      ? ", padded on the right"
      : "";
    const tokens = kept.map((at) => Number(ids.values[at]));
    return { label: `row ${row}${padded}`, tokens, logits, vocabulary };
  });
}
