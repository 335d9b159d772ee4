/**
 * Programs of a model in plain sizes, to count by and to look at: one picture,
 * a chunk of text, one step.
 *
 * @module
 */

import type { Program } from "../../core/program.ts";
import { MOST_CHUNK_TOKENS } from "./buckets.ts";
import { pictureProgram } from "./picture_program.ts";
import type { PoolSizes } from "./pool_sizes.ts";
import { decodeProgram, textProgram } from "./programs.ts";
import type { ModelStack } from "./stack.ts";

/** Tokens of the chunk of text. */
export const SAMPLE_TOKENS: number = MOST_CHUNK_TOKENS;

/** One of each kind of program. */
export interface SamplePrograms {
  /** One picture into the media cache; undefined for a bare language model. */
  readonly image: Program | undefined;
  /** {@link SAMPLE_TOKENS} known tokens; logits of the last alone. */
  readonly text: Program;
  /** One token and what follows it. */
  readonly decode: Program;
}

/** The programs of a model whose pools are of such sizes. */
export function samplePrograms(
  stack: ModelStack,
  sizes: PoolSizes,
): SamplePrograms {
  const setup = { stack, sizes };
  const { eyes } = stack;
  return {
    image: eyes && pictureProgram(setup, eyes, { count: 1, frames: 1 }),
    text: textProgram(setup, 1, SAMPLE_TOKENS, "sample"),
    decode: decodeProgram(setup, 1),
  };
}
