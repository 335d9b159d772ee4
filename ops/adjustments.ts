/**
 * Adjustments: what a row's sampler knows of single tokens beside their
 * logits, as u32 words. Few tokens have any, so a row's block is sparse: a few
 * KiB for any vocabulary. Not an op.
 *
 * A block is read only. Tokens that are drawn after it was written are counted
 * in the ring of the control row, which holds all of them.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";

/** What is known of a token. */
export interface Adjustment {
  /** How often it was drawn. */
  readonly count: number;
  /** Added to its logit before anything else. */
  readonly bias: number;
}

/** Adjustments by token. */
export type Adjustments = ReadonlyMap<number, Adjustment>;

/** Words of a block about so many tokens of a vocabulary. */
export function adjustmentWords(vocabulary: number, tokens: number): number {
  return 2 * Math.ceil(vocabulary / 32) + 2 * tokens;
}

/**
 * Writes a block of `adjustmentWords(vocabulary, adjustments.size)` words: for
 * each 32 tokens a bitset of those that have an entry and the offset of the
 * first of these in the block; then the entries by token, each a count and a
 * bias (f32 bits).
 */
export function writeAdjustments(
  block: Uint32Array<ArrayBuffer>,
  vocabulary: number,
  adjustments: Adjustments,
): void {
  const floats = new Float32Array(block.buffer, block.byteOffset, block.length);
  const groups = Math.ceil(vocabulary / 32);
  block.fill(0);
  let at = 2 * groups;
  for (const token of [...adjustments.keys()].sort((a, b) => a - b)) {
    checkToken(token, vocabulary);
    const { count, bias } = adjustments.get(token)!;
    const group = 2 * (token >>> 5);
    if (block[group] === 0) block[group + 1] = at;
    block[group]! |= 1 << (token & 31);
    block[at] = count;
    floats[at + 1] = bias;
    at += 2;
  }
}

/** A token's entry in the block that starts at word `start`. */
export function readAdjustment(
  words: Uint32Array<ArrayBuffer>,
  start: number,
  token: number,
): Adjustment | undefined {
  const group = start + 2 * (token >>> 5), bit = 1 << (token & 31);
  const bits = words[group]!;
  if ((bits & bit) === 0) return undefined;
  const at = start + words[group + 1]! + 2 * ones(bits & (bit - 1));
  const bias = new Float32Array(words.buffer, words.byteOffset, words.length);
  return { count: words[at]!, bias: bias[at + 1]! };
}

/** Number of bits that are set. */
function ones(word: number): number {
  let count = 0;
  for (let left = word >>> 0; left !== 0; left = (left & (left - 1)) >>> 0) {
    count++;
  }
  return count;
}

function checkToken(token: number, vocabulary: number): void {
  if (Number.isInteger(token) && token >= 0 && token < vocabulary) return;
  throw new RookeryError(
    "config",
    `Cannot adjust token ${token} as the vocabulary has ${vocabulary}: give ` +
      "token ids of the model's tokenizer",
    { expected: vocabulary, actual: token },
  );
}
