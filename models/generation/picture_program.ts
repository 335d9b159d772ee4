/**
 * The program that brings pictures into the media cache.
 *
 * @module
 */

import type { Program } from "../../core/program.ts";
import type { Template } from "../../core/template.ts";
import type { TensorType } from "../../core/tensor.ts";
import { reshape } from "../../ops/reshape.ts";
import { mediaType } from "./pool_sizes.ts";
import { castTo, newBuilder, type ProgramSetup } from "./program_setup.ts";
import { type VisionStack, WEIGHT_PREFIX } from "./stack.ts";

/** How many pictures a program takes, and how many frames each of them has. */
export interface PictureCount {
  /** Pictures or videos, t. */
  readonly count: number;
  /** Frames of each, f. */
  readonly frames: number;
}

/** Pixels of pictures into the media cache, by slot. */
export function pictureProgram(
  setup: ProgramSetup,
  eyes: VisionStack,
  { count, frames }: PictureCount,
): Program {
  const builder = newBuilder(setup, `pictures ${count}x${frames}`);
  const { px } = eyes.vision;
  const pixels = builder.input("pixels", {
    dtype: "f32",
    shape: [count * frames, 3, px, px],
  });
  const u32: TensorType = { dtype: "u32", shape: [count] };
  const slots = builder.input("slots", u32);
  const { features } = builder.call(
    eyes.vision.encode,
    WEIGHT_PREFIX.vision,
    { pixels: castTo(builder, pixels, setup.sizes.activations) },
  );
  const framed = builder.call(framesOf(frames), "", { features: features! });
  const { resample, readsIndex } = eyes.resampler;
  const index = readsIndex ? { index: builder.input("index", u32) } : {};
  const inputs = { features: framed.features!, ...index };
  let { latents } = builder.call(resample, WEIGHT_PREFIX.resampler, inputs);
  builder.output("features", castTo(builder, features!, "f32"));
  builder.output("latents", castTo(builder, latents!, "f32"));
  const { adapt } = eyes.crossAttention;
  const at = WEIGHT_PREFIX.crossAttention;
  if (adapt) latents = builder.call(adapt, at, { latents: latents! }).latents;
  for (const { layer, prefix } of eyes.crossAttention.blocks) {
    const cache = builder.state(`media${layer}`, mediaType(eyes, setup.sizes));
    const path = WEIGHT_PREFIX.crossAttention + prefix;
    const inputs = { latents: latents!, slots, cache };
    builder.call(eyes.crossAttention.project, path, inputs);
  }
  return builder.build();
}

/** Splits frames off: [t·f, n, d] → [t, f, n, d]. */
function framesOf(frames: number): Template {
  return {
    name: "generation/frames",
    build(_, { features }) {
      const [rows, n, d] = features!.shape as [number, number, number];
      const shape = [rows / frames, frames, n, d];
      return { features: reshape(features!, { shape }) };
    },
  };
}
