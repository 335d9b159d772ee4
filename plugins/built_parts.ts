/**
 * The parts of a model as far as they could be built.
 *
 * @module
 */

import type { PromptTokens } from "../models/flamingo/prompt.ts";
import type { ModelStack } from "../models/generation/stack.ts";
import type { Tokenizer } from "../models/slots.ts";
import type { BuiltPart } from "./part_builder.ts";

/**
 * Parts of a model. Without a misfit a language model has all but the eyes,
 * and a Flamingo has all.
 */
export interface BuiltParts {
  /** The language model. */
  readonly language: BuiltPart<"language"> | undefined;
  /** Pixels to features. */
  readonly vision: BuiltPart<"vision"> | undefined;
  /** Features to latents. */
  readonly resampler: BuiltPart<"resampler"> | undefined;
  /** Latents into the language model. */
  readonly crossAttention: BuiltPart<"crossAttention"> | undefined;
  /** Pictures to pixels. */
  readonly image: BuiltPart<"image"> | undefined;
  /** Text to vectors; of contrastive models only. */
  readonly text?: BuiltPart<"text"> | undefined;
  /** Text to ids. */
  readonly tokenizer: Tokenizer | undefined;
  /** Marks in prompts. */
  readonly marks: PromptTokens | undefined;
  /** Tokens that end what is generated, beside the marks. */
  readonly stops: readonly number[];
}

/** The engine's view of a model without misfits. */
export function stackOf(parts: BuiltParts): ModelStack {
  const { vision, resampler, crossAttention } = parts;
  const language = parts.language!.value;
  if (!vision || !resampler || !crossAttention) return { language };
  return {
    language,
    eyes: {
      vision: vision.value,
      resampler: resampler.value,
      crossAttention: crossAttention.value,
    },
  };
}
