/**
 * Pictures through encoder, resampler and into the media cache, once each.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import { bucketOf, groupsOf } from "./buckets.ts";
import type { ProgramSet } from "./program_set.ts";
import { pictureProgram, type ProgramSetup } from "./programs.ts";
import type { VisionStack } from "./stack.ts";

/** Picture counts of programs. */
const PICTURE_COUNTS = [1, 4];

/** A slot that no cache has: what is written there is dropped. */
const NO_SLOT = 0xffffffff;

/** Features and latents of pictures. */
export interface PictureValues {
  /** Features [t, n, d]. */
  readonly features: Float32Array;
  /** Latents [t, r, d]. */
  readonly latents: Float32Array;
}

/** Runs the picture programs. */
export class PictureRunner {
  readonly #programs: ProgramSet;

  /** Shares the engine's programs. */
  constructor(programs: ProgramSet) {
    this.#programs = programs;
  }

  /** Encodes pictures into slots of the media cache. */
  async encode(
    setup: ProgramSetup,
    pixels: readonly Float32Array<ArrayBuffer>[],
    slots: readonly number[],
  ): Promise<void> {
    let at = 0;
    for (const group of groupsOf(pixels, PICTURE_COUNTS.at(-1)!)) {
      const own = slots.slice(at, at + group.length);
      const program = await this.#run(setup, group, own);
      at += group.length;
      // Waiting here keeps the queue short and the callers' times honest.
      if (at === pixels.length) await program.read("latents");
    }
  }

  /** Values of pictures, kept nowhere. */
  async describe(
    setup: ProgramSetup,
    pixels: readonly Float32Array<ArrayBuffer>[],
  ): Promise<PictureValues> {
    const { vision, resampler } = eyesOf(setup);
    const sizes = {
      features: sizeOf([vision.positions, vision.width]),
      latents: sizeOf([resampler.latents, resampler.width]),
    };
    const features = new Float32Array(pixels.length * sizes.features);
    const latents = new Float32Array(pixels.length * sizes.latents);
    let at = 0;
    for (const group of groupsOf(pixels, PICTURE_COUNTS.at(-1)!)) {
      const program = await this.#run(setup, group, []);
      const [f, l] = await program.read("features", "latents");
      features.set(
        f!.subarray(0, group.length * sizes.features),
        at * sizes.features,
      );
      latents.set(
        l!.subarray(0, group.length * sizes.latents),
        at * sizes.latents,
      );
      at += group.length;
    }
    return { features, latents };
  }

  async #run(
    setup: ProgramSetup,
    group: readonly Float32Array<ArrayBuffer>[],
    slots: readonly number[],
  ): ReturnType<ProgramSet["get"]> {
    const eyes = eyesOf(setup);
    const count = bucketOf(
      PICTURE_COUNTS,
      group.length,
      PICTURE_COUNTS.at(-1)!,
    );
    const program = await this.#programs.get(
      `pictures ${count}`,
      () => pictureProgram(setup, eyes, { count, frames: 1 }),
    );
    const size = 3 * eyes.vision.px ** 2;
    const pixels = new Float32Array(count * size);
    group.forEach((picture, i) => pixels.set(picture, i * size));
    const where = new Uint32Array(count).fill(NO_SLOT);
    where.set(slots);
    program.write("pixels", pixels);
    program.write("slots", where);
    program.run();
    return program;
  }
}

function eyesOf({ stack }: ProgramSetup): VisionStack {
  if (stack.eyes !== undefined) return stack.eyes;
  throw new RookeryError(
    "prompt",
    "Cannot read a picture as the model is a language model without vision: " +
      "use a model with vision, or a prompt of text only",
  );
}
