import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { WeightScope } from "../../core/template.ts";
import { leaf } from "../../core/tensor.ts";
import { perceiverPlugin } from "../../plugins/perceiver/plugin.ts";
import { projectorPlugin } from "../../plugins/projector/plugin.ts";
import { qFormerPlugin } from "../../plugins/qformer/plugin.ts";
import {
  buildResampler,
  checkResampler,
  type GoldenResampler,
} from "./golden_resampler.ts";

const GOLDEN: readonly GoldenResampler[] = [
  perceiver("open_flamingo", {
    dialect: "open_flamingo",
    latents: 7,
    heads: 3,
    headDim: 10,
    timeEmbeddings: 3,
    mediaEmbeddings: 4,
  }),
  perceiver("open_flamingo_still", {
    dialect: "open_flamingo",
    depth: 1,
    latents: 3,
    heads: 5,
    headDim: 6,
    ffMult: 2,
  }),
  perceiver("idefics", { dialect: "idefics", heads: 3, headDim: 10 }),
  perceiver("idefics_plain", {
    dialect: "idefics",
    heads: 3,
    headDim: 10,
    qkNorms: false,
  }),
  perceiver("paper", {
    width: 20,
    heads: 2,
    headDim: 6,
    timeEmbeddings: 3,
  }),
  perceiver("paper_wide_heads", { width: 10, heads: 3, headDim: 12 }),
  perceiver("flamingo_mini", {
    dialect: "flamingo_mini",
    heads: 3,
    headDim: 10,
  }),
  perceiver("flamingo_mini_relu", {
    dialect: "flamingo_mini",
    heads: 2,
    headDim: 6,
    timeEmbeddings: 2,
    activation: "relu",
  }),
  qFormer("qformer", {
    width: 24,
    outputWidth: 18,
    depth: 3,
    heads: 3,
    ffWidth: 38,
  }),
  qFormer("qformer_every", {
    width: 20,
    depth: 2,
    heads: 2,
    ffWidth: 18,
    crossEvery: 1,
  }),
  projector("llava_hf", "mlp", { width: 22 }),
  projector("llava_mlp", "mlp", { width: 22, depth: 3 }),
  projector("llava_linear", "linear", { width: 18 }),
];

function perceiver(
  name: string,
  options: GoldenResampler["options"],
): GoldenResampler {
  const prefix = name.startsWith("idefics")
    ? "model.perceiver_resampler."
    : name.startsWith("flamingo_mini")
    ? "flamingo.resampler."
    : "perceiver.";
  return {
    name,
    prefix,
    plugin: perceiverPlugin(),
    part: "perceiver",
    options: { depth: 2, latents: 5, ...options },
  };
}

function qFormer(
  name: string,
  options: GoldenResampler["options"],
): GoldenResampler {
  const plugin = qFormerPlugin();
  return { name, plugin, part: "qformer", options: { latents: 5, ...options } };
}

function projector(
  name: string,
  part: string,
  options: GoldenResampler["options"],
): GoldenResampler {
  return { name, part, plugin: projectorPlugin(), options };
}

for (const choice of ["auto", "cpu"] as const) {
  Deno.test(`resamplers give PyTorch's latents on ${choice}`, async (t) => {
    using device = await createDevice({ device: choice });
    for (const golden of GOLDEN) {
      await t.step(golden.name, () => checkResampler(golden, device));
    }
  });
}

Deno.test("perceiver refuses what its dialect has no weights for", async () => {
  const vision = { positions: 4, width: 8 };
  const build = (options: GoldenResampler["options"]) =>
    buildResampler(perceiver("any", options), vision);
  await assert.rejects(
    build({ dialect: "idefics", timeEmbeddings: 3 }),
    /Cannot use timeEmbeddings 3 with the dialect idefics as it has none/,
  );
  await assert.rejects(
    build({ dialect: "flamingo_mini", mediaEmbeddings: 2 }),
    /Cannot use mediaEmbeddings 2 with the dialect flamingo_mini/,
  );
  await assert.rejects(
    build({ dialect: "paper", qkNorms: true }),
    /Cannot use qkNorms true with the dialect paper/,
  );
  await assert.rejects(
    build({ dialect: "paper", inputProjection: false }),
    /features of width 8 with a resampler of width 1536/,
  );
});

Deno.test("resamplers say how many frames and pictures they tell apart", async () => {
  const vision = { positions: 4, width: 8 };
  const limits = async (golden: GoldenResampler) => {
    const { frames, pictures } = await buildResampler(golden, vision);
    return [frames, pictures];
  };
  const dialect = "open_flamingo";
  const still = perceiver("still", { dialect });
  const timed = { dialect, timeEmbeddings: 2, mediaEmbeddings: 3 };
  assert.deepEqual(await limits(still), [1, undefined]);
  assert.deepEqual(await limits(perceiver("video", timed)), [undefined, 3]);
  const paper = perceiver("paper", { timeEmbeddings: 0 });
  assert.deepEqual(await limits(paper), [undefined, undefined]);
  const identity = projector("identity", "identity", {});
  assert.deepEqual(await limits(identity), [1, undefined]);
});

Deno.test("qformer refuses heads that do not divide its width", async () => {
  await assert.rejects(
    buildResampler(qFormer("any", { width: 10, heads: 3 }), {
      positions: 4,
      width: 8,
    }),
    /Cannot split a width of 10 into 3 heads/,
  );
});

Deno.test("latents have the number type of the features", async () => {
  const vision = { positions: 4, width: 24 };
  const features = leaf("input", "features", {
    dtype: "f16",
    shape: [2, 3, 4, 24],
  });
  for (
    const golden of [
      perceiver("paper", {}),
      qFormer("qformer", { width: 24, heads: 3 }),
    ]
  ) {
    const { resample } = await buildResampler(golden, vision);
    const scope = new WeightScope(new Map());
    assert.equal(resample.build(scope, { features }).latents!.dtype, "f16");
  }
});
