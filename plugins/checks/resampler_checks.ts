/**
 * Checks of resamplers: pictures, videos, and marks of their order.
 *
 * @module
 */

import {
  type Program,
  ProgramBuilder,
  type Value,
  weightNeeds,
} from "../../core/program.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import type { Resampler } from "../../models/slots.ts";
import { madeValues } from "./made_values.ts";
import { type BuiltCase, mustBeCounts } from "./part_case.ts";
import {
  mustBeAlike,
  mustDiffer,
  mustHaveShape,
  mustNeedTheSame,
} from "./test_bench.ts";

/** How many pictures, and frames of each. */
interface Amount {
  readonly b: number;
  readonly f: number;
  readonly n: number;
}

/** Checks a resampler with one picture, two, and videos where it takes them. */
export async function resamplerChecks(
  { value, subject, list, bench, neighbours }: BuiltCase<"resampler">,
): Promise<void> {
  const { inputWidth, latents, width, readsIndex, frames, pictures } = value;
  const n = value.inputPositions ?? neighbours.vision.positions;
  const f = Math.min(3, frames ?? 3);
  const programs: Program[] = [];
  const isRight = await list.check(
    subject,
    "latents are [b, latents, width]",
    () => {
      mustBeCounts({ inputWidth, latents, width, n });
      for (const amount of [{ b: 1, f: 1 }, { b: 2, f: 1 }, { b: 1, f }]) {
        const program = resampleProgram(value, { ...amount, n });
        const type = program.outputs["latents"]?.type;
        mustHaveShape("latents", type, [amount.b, latents, width]);
        programs.push(program);
      }
    },
  );
  if (!isRight) return;
  const [one, two, video] = programs as [Program, Program, Program];
  await list.check(
    subject,
    "weights are as stated, the same for any batch",
    () => {
      mustNeedTheSame(one, two);
      mustNeedTheSame(one, video);
      bench.checkTensors(weightNeeds([one]));
    },
  );
  const indexOf = (...index: number[]) =>
    readsIndex ? { index: Uint32Array.from(index) } : {};
  await list.check(subject, "pictures do not touch each other", async () => {
    const picture = n * inputWidth;
    const features = madeValues("features", 2 * picture);
    const order = [0, Math.min(1, (pictures ?? 2) - 1)];
    const { latents: both } = await bench.run(two, {
      features,
      ...indexOf(...order),
    });
    const size = latents * width;
    for (const row of [0, 1]) {
      const alone = features.slice(row * picture, (row + 1) * picture);
      const { latents: own } = await bench.run(one, {
        features: alone,
        ...indexOf(order[row]!),
      });
      mustBeAlike(
        `latents of picture ${row} of 2 differ from those of it alone`,
        own!,
        both!.slice(row * size, (row + 1) * size),
      );
    }
    mustDiffer(
      "two pictures have the same latents: features are not read",
      both!.slice(0, size),
      both!.slice(size),
    );
  });
  if (f === 1) return;
  await list.check(subject, "every frame of a video is seen", async () => {
    const features = madeValues("video", f * n * inputWidth);
    const { latents: seen } = await bench.run(video, {
      features,
      ...indexOf(0),
    });
    const other = features.with(features.length - 1, 2) as typeof features;
    const changed = await bench.run(video, { features: other, ...indexOf(0) });
    mustDiffer("the last frame changes no latent", seen!, changed["latents"]!);
  });
}

function resampleProgram(
  { inputWidth, resample, readsIndex }: Resampler,
  { b, f, n }: Amount,
): Program {
  const builder = new ProgramBuilder(`resample of ${b} with ${f} frames`);
  const inputs: Record<string, Value> = {
    features: builder.input("features", {
      dtype: "f32",
      shape: [b, f, n, inputWidth],
    }),
  };
  if (readsIndex) {
    inputs["index"] = builder.input("index", { dtype: "u32", shape: [b] });
  }
  const { latents } = builder.call(resample, WEIGHT_PREFIX.resampler, inputs);
  if (latents) builder.output("latents", latents);
  return builder.build();
}
