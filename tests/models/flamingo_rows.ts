/**
 * Golden data of whole models, row by row, and what a model computes of a row.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { readLogitsInputs } from "../../cli/logits_inputs.ts";
import {
  type Flamingo,
  pictureOrdinals,
  readSafetensors,
  type TensorInMemory,
} from "../../mod.ts";

/** Paths below `tests/golden/models`. */
export interface FlamingoGolden {
  /** Begins the names of the tests. Default: the model. */
  readonly name?: string;
  /** Config or folder. */
  readonly model: string;
  /** `input_ids`, `attention_mask`, `pixel_values`. */
  readonly inputs: string;
  /** `logits`, `latents`, `vision_features`. */
  readonly outputs: string;
}

/** A row of golden data without its padding. */
export interface FlamingoRow {
  /** For messages. */
  readonly label: string;
  /** Tokens that are not masked. */
  readonly tokens: readonly number[];
  /** Pictures up to each of them. */
  readonly media: readonly number[];
  /** Pixels of its picture slots, padded ones too. */
  readonly pixels: readonly Float32Array<ArrayBuffer>[];
  /** Golden logits [l, v]. */
  readonly logits: Float32Array;
}

/** Path of golden data. */
export function goldenPath(path: string): string {
  return fileURLToPath(new URL(`../golden/models/${path}`, import.meta.url));
}

/** Values of a tensor of f32. */
export function numbers({ values }: TensorInMemory): Float32Array {
  assert.ok(values instanceof Float32Array);
  return values;
}

/** Rows without padding, each with its golden logits. */
export async function readRows(
  { inputs, outputs }: FlamingoGolden,
  { marks }: Flamingo,
): Promise<FlamingoRow[]> {
  const path = goldenPath(inputs);
  const read = readLogitsInputs(await readSafetensors(path), path);
  const golden = await readSafetensors(goldenPath(outputs));
  const all = golden.get("logits")!;
  const vocabulary = all.shape.at(-1)!;
  const { rows, length, ids, mask } = read;
  const { pictures, frames, px, values } = read.pixels!;
  const size = frames * 3 * px * px;
  return Array.from({ length: rows }, (_, row) => {
    const kept = Array.from({ length }, (_, i) => row * length + i)
      .filter((at) => mask[at]);
    const tokens = kept.map((at) => ids[at]!);
    const logits = new Float32Array(kept.length * vocabulary);
    kept.forEach((at, i) => {
      const span = [at * vocabulary, (at + 1) * vocabulary] as const;
      logits.set(numbers(all).subarray(...span), i * vocabulary);
    });
    const pixels = Array.from({ length: pictures }, (_, i) => {
      const at = (row * pictures + i) * size;
      return values.slice(at, at + size);
    });
    const media = pictureOrdinals(tokens, marks);
    return { label: `row ${row}`, tokens, media, pixels, logits };
  });
}

/** Logits of a row, fed in portions of the given sizes, or at once. */
export async function logitsOf(
  { engine }: Flamingo,
  { tokens, media, pixels }: Omit<FlamingoRow, "logits">,
  sizes: readonly number[] = [tokens.length],
): Promise<Float32Array> {
  const sequence = engine.open();
  try {
    if (engine.stack.eyes) await engine.addPictures(sequence, pixels);
    const parts: Float32Array[] = [];
    let at = 0;
    for (const size of sizes) {
      const end = Math.min(at + size, tokens.length);
      const chunk = {
        tokens: tokens.slice(at, end),
        media: media.slice(at, end),
      };
      if (chunk.tokens.length > 0) {
        parts.push(await engine.logits(sequence, chunk));
      }
      at = end;
    }
    const joined = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
    parts.reduce((n, part) => (joined.set(part, n), n + part.length), 0);
    return joined;
  } finally {
    engine.close(sequence);
  }
}
