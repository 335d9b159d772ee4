/**
 * Pictures and videos through encoder, resampler and into the media cache,
 * once each.
 *
 * @module
 */

import { sizeOf } from "../../core/shape.ts";
import {
  eyesOf,
  jobGroups,
  pictureBucket,
  type PictureJob,
} from "./picture_jobs.ts";
import { pictureProgram } from "./picture_program.ts";
import type { ProgramSet } from "./program_set.ts";
import { type ProgramSetup, viewName } from "./program_setup.ts";

/** A slot that no cache has: what is written there is dropped. */
const NO_SLOT = 0xffffffff;

/** Features and latents of pictures and videos. */
export interface PictureValues {
  /** Features of all frames [Σf, n, d]. */
  readonly features: Float32Array<ArrayBuffer>;
  /** Latents [t, r, d]. */
  readonly latents: Float32Array<ArrayBuffer>;
}

/** Runs the picture programs. */
export class PictureRunner {
  readonly #programs: ProgramSet;

  /** Shares the engine's programs. */
  constructor(programs: ProgramSet) {
    this.#programs = programs;
  }

  /** Encodes pictures into slots of the media cache, one for each job. */
  async encode(
    setup: ProgramSetup,
    jobs: readonly PictureJob[],
    slots: readonly number[],
  ): Promise<void> {
    let last: Awaited<ReturnType<ProgramSet["get"]>> | undefined;
    for (const group of jobGroups(jobs)) {
      const own = group.map(({ at }) => slots[at]!);
      last = await this.#run(setup, group, own);
    }
    // Waiting here keeps the queue short and the callers' times honest.
    await last?.read("latents");
  }

  /** Values of pictures in the order of the jobs, kept nowhere. */
  async describe(
    setup: ProgramSetup,
    jobs: readonly PictureJob[],
  ): Promise<PictureValues> {
    const { vision, resampler } = eyesOf(setup.stack);
    const frameSize = sizeOf([vision.positions, vision.width]);
    const latentSize = sizeOf([resampler.latents, resampler.width]);
    const frames = jobs.reduce((sum, job) => sum + job.frames, 0);
    const features = new Float32Array(frames * frameSize);
    const latents = new Float32Array(jobs.length * latentSize);
    for (const group of jobGroups(jobs)) {
      const program = await this.#run(setup, group, []);
      const [f, l] = await program.read("features", "latents");
      group.forEach(({ at, firstFrame, frames }, i) => {
        const size = frames * frameSize;
        const own = f!.subarray(i * size, (i + 1) * size);
        features.set(own, firstFrame * frameSize);
        const ownLatents = l!.subarray(i * latentSize, (i + 1) * latentSize);
        latents.set(ownLatents, at * latentSize);
      });
    }
    return { features, latents };
  }

  /** Runs one picture or video through a program with taps; keeps nothing. */
  look(setup: ProgramSetup, job: PictureJob): ReturnType<ProgramSet["get"]> {
    return this.#run(setup, [job], []);
  }

  /** Runs a group, all of as many frames; without slots nothing is kept. */
  async #run(
    setup: ProgramSetup,
    group: readonly PictureJob[],
    slots: readonly number[],
  ): ReturnType<ProgramSet["get"]> {
    const eyes = eyesOf(setup.stack);
    const count = pictureBucket(group.length);
    const { frames } = group[0]!;
    const program = await this.#programs.get(
      `pictures ${count}x${frames}${viewName(setup)}`,
      () => pictureProgram(setup, eyes, { count, frames }),
    );
    const size = frames * 3 * eyes.vision.px ** 2;
    const pixels = new Float32Array(count * size);
    group.forEach((job, i) => pixels.set(job.pixels, i * size));
    const where = new Uint32Array(count).fill(NO_SLOT);
    where.set(slots);
    program.write("pixels", pixels);
    program.write("slots", where);
    if (eyes.resampler.readsIndex) {
      const index = new Uint32Array(count);
      index.set(group.map((job) => job.index));
      program.write("index", index);
    }
    await program.run();
    return program;
  }
}
