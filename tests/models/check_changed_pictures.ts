/**
 * What a changed picture may move: nothing before the first token that looks
 * at it, by a single bit. Later tokens also see it through the language model.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { FlamingoRow } from "./flamingo_rows.ts";
import { largestDifference } from "./compare.ts";

/** Least that logits of tokens move that look at a changed picture. */
const LEAST = 1e-4;

/** Changes each picture of each row in turn. */
export async function checkChangedPictures(
  rows: readonly FlamingoRow[],
  logitsOf: (row: FlamingoRow) => Promise<Float32Array>,
): Promise<void> {
  let looking = 0;
  for (const row of rows) {
    const before = await logitsOf(row);
    for (let k = 0; k < row.pixels.length; k++) {
      const pixels = row.pixels.map((each, i) =>
        i === k ? each.map((value) => 0.5 - value) : each
      );
      const after = await logitsOf({ ...row, pixels });
      looking += compare(row, k + 1, before, after);
    }
  }
  assert.ok(looking > 0, "some token looks at a picture");
}

/** Compares token by token; gives the number that look at the picture. */
function compare(
  { label, tokens, media }: FlamingoRow,
  ordinal: number,
  before: Float32Array,
  after: Float32Array,
): number {
  const vocabulary = before.length / tokens.length;
  const found = media.indexOf(ordinal);
  const first = found < 0 ? tokens.length : found;
  let looking = 0;
  for (let i = 0; i < tokens.length; i++) {
    const span = [i * vocabulary, (i + 1) * vocabulary] as const;
    const moved = largestDifference(
      before.subarray(...span),
      after.subarray(...span),
    );
    const place = `${label}, picture ${ordinal}, token ${i}`;
    if (i < first) assert.equal(moved, 0, place);
    else if (media[i] === ordinal) {
      assert.ok(moved > LEAST, `${place} moved by ${moved}`);
      looking++;
    }
  }
  return looking;
}
