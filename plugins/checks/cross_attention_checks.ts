/**
 * Checks of gated cross-attention: a token sees its pictures and no others.
 *
 * @module
 */

import {
  type Program,
  ProgramBuilder,
  type Value,
  weightNeeds,
} from "../../core/program.ts";
import { mediaType } from "../../models/generation/pool_sizes.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import type { CrossAttention } from "../../models/slots.ts";
import { isSameShape } from "../../core/shape.ts";
import { madeValues } from "./made_values.ts";
import { type BuiltCase, mustBeCounts } from "./part_case.ts";
import {
  mustBeAlike,
  mustDiffer,
  mustHaveShape,
  mustNeedTheSame,
} from "./test_bench.ts";

/** Pictures and tokens a row: before any picture, after one, after two. */
const PICTURES = 2, TOKENS = 3;
const MEDIA = [[0, 1, 1], [0, 1, 2]];

/** Checks all blocks one after another, as a language model runs them. */
export async function crossAttentionChecks(
  { value, subject, list, bench, neighbours }: BuiltCase<"crossAttention">,
): Promise<void> {
  const { layers, width } = neighbours.language;
  await list.check(subject, "blocks stand before layers, in order", () => {
    const { heads, headDim, latents } = value.cache;
    mustBeCounts({ heads, headDim, latents, mediaWidth: value.mediaWidth });
    checkPlaces(value, layers);
  });
  const programs: Program[] = [];
  const isRight = await list.check(subject, "x is [b, l, d] again", () => {
    for (const rows of [1, 2]) {
      const program = attendProgram(value, rows, width);
      mustHaveShape("x", program.outputs["x"]?.type, [rows, TOKENS, width]);
      programs.push(program);
    }
  });
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
  const picture = value.cache.latents * value.mediaWidth;
  const latents = madeValues("latents", PICTURES * picture);
  const inputs = {
    latents,
    slots: Uint32Array.of(0, 1),
    x: madeValues("x", 2 * TOKENS * width),
    media: Uint32Array.from(MEDIA.flat()),
    mediaTable: Uint32Array.of(0, 0, 0, 1),
  };
  await list.check(subject, "rows do not touch each other", async () => {
    const { x: both } = await bench.run(two, inputs);
    const { x: alone } = await bench.run(one, {
      ...inputs,
      x: inputs.x.slice(0, TOKENS * width),
      media: inputs.media.slice(0, TOKENS),
      mediaTable: inputs.mediaTable.slice(0, PICTURES),
    });
    const expected = both!.slice(0, TOKENS * width);
    mustBeAlike("a row of 2 differs from it alone", alone!, expected);
  });
  await list.check(subject, "tokens see their own pictures only", async () => {
    const { x: before } = await bench.run(two, inputs);
    for (let slot = 0; slot < PICTURES; slot++) {
      const other = latents.map((v, i) =>
        Math.floor(i / picture) === slot ? -v + 0.1 : v
      );
      const { x: after } = await bench.run(two, { ...inputs, latents: other });
      const at = (values: Float32Array, token: number) =>
        values.slice(token * width, (token + 1) * width);
      MEDIA.flat().forEach((ordinal, token) => {
        const tokens = [at(after!, token), at(before!, token)] as const;
        const [row, l] = [Math.floor(token / TOKENS), token % TOKENS];
        const name = `token ${l} of row ${row}`;
        const hasOnly = row === 0 || ordinal < 2;
        if (ordinal === 0 || slot === 1 && hasOnly) {
          mustBeAlike(`${name} changes with a picture not its own`, ...tokens);
        } else if (slot === ordinal - 1) {
          mustDiffer(`${name} does not see picture ${slot}`, ...tokens);
        }
      });
    }
  });
}

function checkPlaces({ blocks }: CrossAttention, layers: number): void {
  const places = blocks.map(({ layer }) => layer);
  const isRising = places.every((layer, i) =>
    Number.isSafeInteger(layer) && layer >= 0 && layer < layers &&
    (i === 0 || layer > places[i - 1]!)
  );
  if (!isRising || places.length === 0) {
    throw new Error(
      `blocks stand before layers ${places.join(", ") || "none"}: they must ` +
        `rise and be below ${layers}`,
    );
  }
  const prefixes = new Set(blocks.map(({ prefix }) => prefix));
  if (prefixes.size !== blocks.length) {
    throw new Error("two blocks have one prefix, and so the same weights");
  }
}

function attendProgram(
  { blocks, cache, mediaWidth, adapt, project, attend }: CrossAttention,
  rows: number,
  width: number,
): Program {
  const at = WEIGHT_PREFIX.crossAttention;
  const builder = new ProgramBuilder(`cross-attention of ${rows} rows`);
  const input = (name: string, ...shape: number[]) =>
    builder.input(name, { dtype: "u32", shape });
  const shape = [PICTURES, cache.latents, mediaWidth];
  let latents: Value = builder.input("latents", { dtype: "f32", shape });
  const slots = input("slots", PICTURES);
  const media = input("media", rows, TOKENS);
  const mediaTable = input("mediaTable", rows, PICTURES);
  const size = [rows, TOKENS, width];
  let x: Value = builder.input("x", { dtype: "f32", shape: size });
  if (adapt) latents = builder.call(adapt, at, { latents })["latents"]!;
  const type = mediaType({ crossAttention: { cache } } as never, {
    pages: 1,
    pictures: PICTURES,
    rowPages: 1,
    rowPictures: PICTURES,
    activations: "f32",
  });
  blocks.forEach(({ prefix }, i) => {
    const state = builder.state(`cache${i}`, type);
    const inputs = { latents, slots, cache: state };
    const written = builder.call(project, at + prefix, inputs)["cache"];
    if (!written || !isSameShape(written.type.shape, type.shape)) {
      throw new Error("project does not give back the cache that it was given");
    }
    const read = { x, media, mediaTable, cache: written };
    x = builder.call(attend, at + prefix, read)["x"]!;
  });
  builder.output("x", x);
  return builder.build();
}
