import assert from "node:assert/strict";
import { traceTemplate } from "../../core/template.ts";
import {
  NFNET_NAMES,
  nfnetNamed,
  nfnetParameters,
  nfnetStem,
} from "../../models/vision/nfnet_sizes.ts";
import { nfnet } from "../../models/vision/nfnet.ts";
import { nfnetPlugin } from "../../plugins/nfnet/plugin.ts";
import { checkVision, visionOf } from "./check_vision.ts";

const GOLDEN = new URL("../golden/models/", import.meta.url).pathname;

const SHAPES = {
  even: {
    px: 64,
    depths: [1, 2, 1, 1],
    widths: [32, 48, 48, 64],
    stem: [4, 8, 16, 32],
    groupWidth: 8,
  },
  odd: {
    px: 65,
    depths: [2, 1, 2, 1],
    widths: [32, 48, 48, 32],
    stem: [4, 8, 16, 32],
    groupWidth: 8,
    gelu: "exact",
  },
  plain: {
    px: 38,
    depths: [1, 2, 1, 2],
    widths: [16, 32, 48, 32],
    stem: [2, 4, 8, 16],
    groupWidth: 8,
    finalConv: false,
  },
};

const FILES = [
  ["even", "model"],
  ["odd", "model"],
  ["plain", "model"],
  ["plain", "haiku"],
] as const;

for (const [shape, file] of FILES) {
  for (const choice of ["auto", "cpu"] as const) {
    Deno.test(`nfnet ${shape}, ${file}: features equal the reference's on ${choice}`, async () => {
      await checkVision({
        plugin: nfnetPlugin(),
        options: SHAPES[shape],
        weights: `${GOLDEN}nfnet_${shape}/${file}.safetensors`,
        golden: `${GOLDEN}nfnet_${shape}/golden.safetensors`,
      }, choice);
    });
  }
}

function sizesOf(name: typeof NFNET_NAMES[number], hasFinalConv = true) {
  const { depths, widths } = nfnetNamed(name);
  const stem = nfnetStem(widths[0]!);
  return { depths, widths, groupWidth: 128, stem, hasFinalConv };
}

Deno.test("nfnetParameters() counts NFNet-F6 as published", () => {
  const whole = nfnetParameters(sizesOf("F6"));
  assert.equal(whole, 435_286_116);
  assert.equal(nfnetParameters(sizesOf("F6", false)), 430_561_380);
  const classifier = 3072 * 1000 + 1000;
  assert.equal(whole + classifier, 438_359_116);
});

Deno.test("nfnetParameters() counts the template's weights and the gains", () => {
  for (const name of ["F0", "F6"] as const) {
    for (const hasFinalConv of [true, false]) {
      const sizes = sizesOf(name, hasFinalConv);
      const { encode } = nfnet({ ...sizes, px: 64, gelu: "tanh" });
      const pixels = {
        dtype: "f32",
        shape: [1, 3, 64, 64],
        isState: false,
      } as const;
      const { weights } = traceTemplate(encode, { pixels });
      let count = 0;
      for (const [path, { shape }] of weights) {
        count += shape.reduce((product, size) => product * size, 1);
        const isGained = path.endsWith(".weight") && !path.includes(".fc");
        if (isGained) count += weights.get(bias(path))!.shape[0]!;
      }
      assert.equal(nfnetParameters(sizes), count, name);
    }
  }
});

function bias(path: string): string {
  return path.replace(/weight$/, "bias");
}

Deno.test("nfnet/encoder: sizes and grids of the published variants", async () => {
  const plugin = nfnetPlugin();
  const f6 = await visionOf({ plugin, options: { size: "F6" } });
  assert.deepEqual([f6.px, f6.positions, f6.width], [320, 100, 3072]);
  const options = { size: "F0", px: 289, finalConv: false };
  const f0 = await visionOf({ plugin, options });
  assert.deepEqual([f0.px, f0.positions, f0.width], [289, 100, 1536]);
  const depths = NFNET_NAMES.map((name) => nfnetNamed(name).depths.join());
  assert.equal(depths[0], "1,2,6,3");
  assert.equal(depths[6], "7,14,42,21");
});

Deno.test("nfnet/encoder: refuses sizes that do not fit", async () => {
  const refuses = async (options: object, message: RegExp) => {
    const section = { plugin: nfnetPlugin(), options: { ...options } };
    await assert.rejects(() => visionOf(section), message);
  };
  await refuses({}, /its size is unknown: give vision\.size, one of F0, F1/);
  await refuses({ size: "F7" }, /must be one of "F0", "F1"/);
  await refuses(
    { size: "F0", depths: [1, 1] },
    /2 depths and 4 widths: give one of each/,
  );
  await refuses(
    { size: "F0", stem: [16, 32] },
    /its stem has 2 convolutions: give the channels of 4/,
  );
  await refuses(
    { depths: [1], widths: [64] },
    /half of a stage's width 64 holds no group of 128 channels/,
  );
});
