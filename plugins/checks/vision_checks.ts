/**
 * Checks of vision encoders: sizes as stated, rows that do not touch.
 *
 * @module
 */

import { type Program, ProgramBuilder } from "../../core/program.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import type { VisionEncoder } from "../../models/slots.ts";
import { weightNeeds } from "../../core/program.ts";
import { madeValues } from "./made_values.ts";
import { type BuiltCase, mustBeCounts } from "./part_case.ts";
import {
  mustBeAlike,
  mustDiffer,
  mustHaveShape,
  mustNeedTheSame,
} from "./test_bench.ts";

/** Checks an encoder with one picture and with two. */
export async function visionChecks(
  { value, subject, list, bench }: BuiltCase<"vision">,
): Promise<void> {
  const { px, positions, width } = value;
  const programs: Program[] = [];
  const isRight = await list.check(
    subject,
    "features are [b, positions, width]",
    () => {
      mustBeCounts({ px, positions, width });
      for (const b of [1, 2]) {
        const program = encodeProgram(value, b);
        const type = program.outputs["features"]?.type;
        mustHaveShape("features", type, [b, positions, width]);
        programs.push(program);
      }
    },
  );
  if (!isRight) return;
  const [one, two] = programs as [Program, Program];
  await list.check(
    subject,
    "weights are as stated, the same for any batch",
    () => {
      mustNeedTheSame(one, two);
      bench.checkTensors(weightNeeds([one]));
    },
  );
  await list.check(subject, "pictures do not touch each other", async () => {
    const pixels = madeValues("pixels", 2 * 3 * px * px);
    const { features: both } = await bench.run(two, { pixels });
    const size = positions * width;
    for (const row of [0, 1]) {
      const alone = pixels.slice(row * 3 * px * px, (row + 1) * 3 * px * px);
      const { features } = await bench.run(one, { pixels: alone });
      const expected = both!.slice(row * size, (row + 1) * size);
      mustBeAlike(
        `features of picture ${row} of 2 differ from those of it alone`,
        features!,
        expected,
      );
    }
    mustDiffer(
      "two pictures have the same features: pixels are not read",
      both!.slice(0, size),
      both!.slice(size),
    );
  });
}

function encodeProgram({ px, encode }: VisionEncoder, b: number): Program {
  const builder = new ProgramBuilder(`encode of ${b}`);
  const pixels = builder.input("pixels", {
    dtype: "f32",
    shape: [b, 3, px, px],
  });
  const { features } = builder.call(encode, WEIGHT_PREFIX.vision, { pixels });
  if (features) builder.output("features", features);
  return builder.build();
}
