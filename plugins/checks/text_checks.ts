/**
 * Checks of text encoders, the twins of vision encoders.
 *
 * @module
 */

import { type Program, ProgramBuilder } from "../../core/program.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import type { TextEncoder } from "../../models/slots.ts";
import { madeValues } from "./made_values.ts";
import { type BuiltCase, mustBeCounts } from "./part_case.ts";
import { mustBeAlike, mustDiffer, mustHaveShape } from "./test_bench.ts";

/** Texts at once, and feature vectors of each picture. */
const TEXTS = 2, POSITIONS = 3;

/** Checks texts, pictures and the temperature. */
export async function textChecks(
  { value, subject, list, bench }: BuiltCase<"text">,
): Promise<void> {
  const { context, vocabulary, width, visionWidth } = value;
  const length = Math.min(6, context);
  let program: Program | undefined;
  await list.check(subject, "embeds are [b, width]", () => {
    mustBeCounts({ context, vocabulary, width, visionWidth });
    const made = textProgram(value, length);
    const { embeds, seen, logScale } = made.outputs;
    mustHaveShape("embeds of encode", embeds?.type, [TEXTS, width]);
    mustHaveShape("embeds of project", seen?.type, [TEXTS, width]);
    mustHaveShape("logScale", logScale?.type, [1]);
    program = made;
  });
  if (program === undefined) return;
  const ids = Uint32Array.from(
    madeValues("ids", TEXTS * length),
    (made) => Math.floor((made + 1) / 2 * vocabulary),
  );
  const size = TEXTS * POSITIONS * visionWidth;
  const features = madeValues("features", size);
  await list.check(subject, "endOf gives a place in the text", () => {
    const end = value.endOf([...ids.slice(0, length)]);
    if (Number.isSafeInteger(end) && end >= 0 && end < length) return;
    throw new Error(`it gives ${end} for ${length} tokens`);
  });
  await list.check(subject, "a text's end hides what follows", async () => {
    const last = Math.max(0, length - 2);
    const ends = Uint32Array.of(last, length + last);
    const run = (given: Uint32Array<ArrayBuffer>) =>
      bench.run(program!, { ids: given, ends, features });
    const { embeds } = await run(ids);
    const change = (at: number) =>
      ids.with(at, (ids[at]! + 1) % vocabulary) as typeof ids;
    if (last < length - 1) {
      const { embeds: other } = await run(change(length - 1));
      mustBeAlike("a token after the end changes the embeds", other!, embeds!);
    }
    const { embeds: other } = await run(change(last));
    const rows = [other!, embeds!].map((rows) => rows.slice(0, width));
    mustDiffer("the last token changes nothing", rows[0]!, rows[1]!);
    const rest = [other!, embeds!].map((rows) => rows.slice(width));
    mustBeAlike("a text changes with another one", rest[0]!, rest[1]!);
  });
}

function textProgram(
  { encode, project, temperature, visionWidth }: TextEncoder,
  length: number,
): Program {
  const prefix = WEIGHT_PREFIX.text;
  const builder = new ProgramBuilder("text encoder");
  const ids = builder.input("ids", { dtype: "u32", shape: [TEXTS, length] });
  const ends = builder.input("ends", { dtype: "u32", shape: [TEXTS] });
  const features = builder.input("features", {
    dtype: "f32",
    shape: [TEXTS, POSITIONS, visionWidth],
  });
  const found = {
    embeds: builder.call(encode, prefix, { ids, ends })["embeds"],
    seen: builder.call(project, prefix, { features })["embeds"],
    logScale: builder.call(temperature, prefix, {})["logScale"],
  };
  for (const [name, value] of Object.entries(found)) {
    if (value) builder.output(name, value);
  }
  return builder.build();
}
