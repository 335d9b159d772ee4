import assert from "node:assert/strict";
import { WeightScope } from "../../../core/template.ts";
import { leaf, type Tensor } from "../../../core/tensor.ts";
import type { CrossAttention } from "../../../models/slots.ts";
import { pageSlots } from "../../../ops/cache_type.ts";
import { crossAttentionPlugin } from "../../../plugins/cross_attention/plugin.ts";
import { Misfits } from "../../../plugins/misfits.ts";
import type { Part } from "../../../plugins/plugin.ts";

/** The models that the part stands between. */
interface Sizes {
  readonly width: number;
  readonly layers: number;
  readonly mediaWidth: number;
}

const part = crossAttentionPlugin().parts![0] as Part<"crossAttention">;

/** What the part makes of a section; throws what it refuses it with. */
async function built(
  section: Record<string, unknown>,
  { width, layers, mediaWidth }: Sizes,
): Promise<CrossAttention> {
  const misfits = new Misfits();
  const config = part.schema.check(section, "crossAttention", misfits);
  misfits.throwIfAny("config", "use the section");
  return await part.build(config, {
    source: undefined,
    neighbours: {
      language: { width, layers, vocabulary: 100 },
      resampler: { width: mediaWidth, latents: 64 },
    },
    overrides: new Map(),
  });
}

/** Numbers in the weights of all blocks, and in those beside the blocks. */
function countsOf(made: CrossAttention, width: number): [number, number] {
  const { heads, headDim, latents: r } = made.cache;
  const beside = new Map<string, Tensor>(), block = new Map<string, Tensor>();
  const input = (shape: number[], dtype: "f32" | "u32" = "u32") =>
    leaf("input", "input", { dtype, shape });
  const given = { latents: input([1, r, made.mediaWidth], "f32") };
  const { latents } = made.adapt?.build(new WeightScope(beside), given) ??
    given;
  const type = [1, 2, heads, headDim, pageSlots(r)];
  const cache = leaf("state", "cache", { dtype: "f32", shape: type });
  const scope = new WeightScope(block);
  const inputs = { latents: latents!, slots: input([1]), cache };
  const written = made.project.build(scope, inputs);
  made.attend.build(scope, {
    x: input([1, 1, width], "f32"),
    media: input([1, 1]),
    mediaTable: input([1, 1]),
    cache: written.cache!,
  });
  const total = (leaves: Map<string, Tensor>) =>
    [...leaves.values()].reduce(
      (sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1),
      0,
    );
  return [total(block) * made.blocks.length, total(beside)];
}

const SMALL = { width: 256, layers: 6, mediaWidth: 96 };

Deno.test("cross_attention has the published models' parameter counts", async () => {
  const openFlamingo = (width: number, layers: number, every: number) =>
    [
      { dialect: "open_flamingo", every },
      { width, layers, mediaWidth: 1024 },
    ] as const;
  const idefics = (width: number, layers: number) =>
    [
      { dialect: "idefics", every: 4 },
      { width, layers, mediaWidth: 1280 },
    ] as const;
  const paper = (width: number, layers: number, every: number) =>
    [
      { dialect: "paper", every },
      { width, layers, mediaWidth: 1536 },
    ] as const;
  const norms = (width: number) => 4 * width + 2;
  for (
    const [[section, sizes], blocks, beside] of [
      [openFlamingo(2048, 24, 1), 881_000_496, 0],
      [openFlamingo(2560, 32, 2), 897_744_928, 0],
      [openFlamingo(4096, 32, 4), 1_115_815_952, 0],
      [idefics(4096, 32), 1_434_519_568, 0],
      [idefics(8192, 80), 13_925_422_120, 0],
      [
        paper(2048, 24, 1),
        24 * (12 * 2048 ** 2 + norms(2048)),
        1536 * 2048,
      ],
      [paper(4096, 32, 4), 8 * (12 * 4096 ** 2 + norms(4096)), 1536 * 4096],
      [paper(8192, 80, 7), 12 * (12 * 8192 ** 2 + norms(8192)), 1536 * 8192],
    ] as const
  ) {
    const made = await built(section, sizes);
    assert.deepEqual(countsOf(made, sizes.width), [blocks, beside]);
  }
});

Deno.test("cross_attention places and names blocks as each dialect does", async () => {
  const placed = async (section: Record<string, unknown>) =>
    (await built(section, SMALL)).blocks.map(({ layer, prefix }) =>
      `${layer}: ${prefix}`
    );
  const rest = { every: 2, heads: 2, headDim: 16 };
  const byLayer = ["0: 0.", "2: 2.", "4: 4."];
  assert.deepEqual(await placed({ dialect: "paper", ...rest }), byLayer);
  assert.deepEqual(await placed(rest), byLayer);
  assert.deepEqual(
    await placed({ dialect: "flamingo_mini", ...rest }),
    byLayer,
  );
  assert.deepEqual(
    await placed({ dialect: "open_flamingo", ...rest }),
    ["1: 1.", "3: 3.", "5: 5."],
  );
  assert.deepEqual(
    await placed({ dialect: "idefics", ...rest }),
    ["0: 0.", "2: 1.", "4: 2."],
  );
  assert.deepEqual(
    await placed({ dialect: "idefics", layers: [1, 5] }),
    ["1: 0.", "5: 1."],
  );
  assert.deepEqual(
    await placed({ dialect: "open_flamingo", every: 4, first: 1 }),
    ["1: 1.", "5: 5."],
  );
});

Deno.test("cross_attention projects latents only where widths differ", async () => {
  const projected = await built({ dialect: "paper" }, SMALL);
  assert.equal(projected.adapt?.name, "cross_attention/adapt");
  assert.equal(projected.mediaWidth, 96);
  const equal = await built({ dialect: "paper" }, {
    ...SMALL,
    mediaWidth: 256,
  });
  assert.equal(equal.adapt, undefined);
  for (const dialect of ["open_flamingo", "idefics", "flamingo_mini"]) {
    assert.equal((await built({ dialect }, SMALL)).adapt, undefined);
  }
});

Deno.test("cross_attention lets a section choose its sizes", async () => {
  const section = { dialect: "open_flamingo", every: 6, heads: 3, headDim: 6 };
  const attention = 2 * 18 * 256 + 36 * 96 + 4 * 256;
  const count = async (more: Record<string, unknown>) =>
    countsOf(await built({ ...section, ...more }, SMALL), 256)[0];
  assert.equal(
    await count({ ffnWidth: 10 }),
    attention + 2 * 10 * 256 + 2,
  );
  assert.equal(
    await count({ ffMult: 2, gate: "vector" }),
    attention + 4 * 256 ** 2 + 2 * 256,
  );
  const headNorms = async (qkNorms: boolean) =>
    countsOf(
      await built({ ...section, dialect: "idefics", qkNorms }, SMALL),
      256,
    );
  const [withNorms] = await headNorms(true), [without] = await headNorms(false);
  assert.equal(withNorms - without, 2 * 6);
});

Deno.test("cross_attention refuses what does not go together", async () => {
  const refused = async (section: Record<string, unknown>, message: RegExp) =>
    await assert.rejects(built(section, SMALL), message);
  await refused(
    { layers: [0], every: 2 },
    /Cannot place gated blocks by crossAttention\.layers and by every/,
  );
  await refused(
    { ffnWidth: 10, ffMult: 4 },
    /crossAttention\.ffnWidth 10 and crossAttention\.ffMult 4 at once/,
  );
  await refused(
    { headDim: 100 },
    /Cannot split width 256 into heads of 100: set crossAttention\.heads/,
  );
  await refused({ qkNorms: true }, /Cannot norm queries and keys.*"paper"/);
  await refused({ dialect: "idefix" }, /"idefix".*must be one of.*idefics/);
});
