/**
 * Texts side by side in one program, padded to a few sizes so that nothing is
 * compiled per text.
 *
 * @module
 */

import { FUSIONS } from "../../ops/fusion/fusions.ts";
import { type Program, ProgramBuilder } from "../../core/program.ts";
import { bucketOf } from "../generation/buckets.ts";
import { WEIGHT_PREFIX } from "../generation/stack.ts";
import type { TextEncoder } from "../slots.ts";

/** Text counts of programs. */
const TEXT_COUNTS = [1, 4, 16];
/** Lengths of programs, beside the context. */
const LENGTHS = [8, 16, 32, 64];

/** Most texts of a program. */
export const MOST_TEXTS = 16;

/** Inputs of a text program. */
export interface TextBatch {
  /** Ids [count, length], zeros where there is no text. */
  readonly ids: Uint32Array<ArrayBuffer>;
  /** Where each text ends, row · length + place. */
  readonly ends: Uint32Array<ArrayBuffer>;
  /** Rows of the program. */
  readonly count: number;
  /** Tokens of a row. */
  readonly length: number;
}

/** Up to `MOST_TEXTS` texts as a program takes them. */
export function textBatch(
  text: Pick<TextEncoder, "context" | "endOf">,
  rows: readonly (readonly number[])[],
): TextBatch {
  const ends = rows.map((ids) => text.endOf(ids));
  // What comes after the end is not read, so it need not be there.
  const used = Math.max(...ends) + 1;
  const lengths = [...LENGTHS, text.context].toSorted((a, b) => a - b);
  const length = bucketOf(lengths, used, text.context);
  const count = bucketOf(TEXT_COUNTS, rows.length, MOST_TEXTS);
  const ids = new Uint32Array(count * length);
  rows.forEach((row, i) => ids.set(row.slice(0, length), i * length));
  const places = new Uint32Array(count);
  ends.forEach((end, i) => places[i] = i * length + end);
  return { ids, ends: places, count, length };
}

/** The program for so many rows of so many tokens. */
export function textProgram(
  { encode }: Pick<TextEncoder, "encode">,
  { count, length }: Pick<TextBatch, "count" | "length">,
): Program {
  const builder = new ProgramBuilder(`texts ${count}x${length}`, {
    rewrites: FUSIONS,
  });
  const ids = builder.input("ids", { dtype: "u32", shape: [count, length] });
  const ends = builder.input("ends", { dtype: "u32", shape: [count] });
  const { embeds } = builder.call(encode, WEIGHT_PREFIX.text, { ids, ends });
  builder.output("embeds", embeds!);
  return builder.build();
}
