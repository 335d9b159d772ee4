/**
 * The programs of a model in outline.
 *
 * @module
 */

import { type Program, ProgramBuilder } from "../core/program.ts";
import type { PoolSizes } from "../models/generation/pool_sizes.ts";
import {
  SAMPLE_TOKENS,
  samplePrograms,
} from "../models/generation/sample_programs.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import type { TextEncoder, VisionEncoder } from "../models/slots.ts";
import { PAGE_SLOTS } from "../ops/cache_type.ts";
import { stackOf } from "./built_parts.ts";
import type { ModelOutline } from "./outline_model.ts";

/** What programs do: one picture, a chunk of text, one more token. */
export type ProgramName = "image" | "text" | "decode";

/** Room for the tokens of one chunk and for one picture. */
export const ONE_CHUNK: PoolSizes = Object.freeze({
  pages: SAMPLE_TOKENS / PAGE_SLOTS,
  pictures: 1,
  rowPages: SAMPLE_TOKENS / PAGE_SLOTS,
  rowPictures: 1,
  activations: "f32",
});

/**
 * Programs of a model whose pools are of such sizes: those that its kind has.
 * Encoders alone give their results, without pools.
 */
export function outlinePrograms(
  { parts }: ModelOutline,
  sizes: PoolSizes = ONE_CHUNK,
): Readonly<Partial<Record<ProgramName, Program>>> {
  const { language, vision, text } = parts;
  if (language !== undefined) {
    const { image, ...rest } = samplePrograms(stackOf(parts), sizes);
    return image === undefined ? rest : { image, ...rest };
  }
  return {
    ...(vision && { image: visionProgram(vision.value) }),
    ...(text && { text: contrastiveProgram(text.value) }),
  };
}

function visionProgram({ px, encode }: VisionEncoder): Program {
  const builder = new ProgramBuilder("picture");
  const shape = [1, 3, px, px];
  const pixels = builder.input("pixels", { dtype: "f32", shape });
  const { features } = builder.call(encode, WEIGHT_PREFIX.vision, { pixels });
  builder.output("features", features!);
  return builder.build();
}

function contrastiveProgram({ context, encode }: TextEncoder): Program {
  const builder = new ProgramBuilder("text");
  const u32 = (name: string, shape: readonly number[]) =>
    builder.input(name, { dtype: "u32", shape });
  const { embeds } = builder.call(encode, WEIGHT_PREFIX.text, {
    ids: u32("ids", [1, context]),
    ends: u32("ends", [1]),
  });
  builder.output("embeds", embeds!);
  return builder.build();
}
