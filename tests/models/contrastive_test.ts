import assert from "node:assert/strict";
import { CpuDevice } from "../../core/cpu/cpu_device.ts";
import { clipText } from "../../models/contrastive/clip_text.ts";
import { ContrastiveModel } from "../../models/contrastive/contrastive.ts";
import { clipVit } from "../../models/vision/clip_vit.ts";
import { absentTokenizer } from "../../plugins/absent_tokenizer.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { largestDifference } from "./compare.ts";
import { type ContrastiveCase, openContrastive } from "./open_contrastive.ts";

const GOLDEN = new URL("../golden/models/", import.meta.url).pathname;

/** Sizes of `clip_end`, which open_clip's files do not tell. */
const SIZES = {
  vision: {
    px: 28,
    patchPx: 7,
    width: 36,
    layers: 2,
    heads: 3,
    ffnWidth: 48,
    activation: "quick_gelu",
  },
  text: {
    vocabulary: 131,
    context: 19,
    width: 30,
    layers: 2,
    heads: 3,
    ffnWidth: 44,
    activation: "quick_gelu",
    projectionWidth: 23,
    endToken: 97,
  },
} as const;

/** Golden folder, and what is opened. */
const CASES: Record<string, [folder: string, opened: ContrastiveCase]> = {
  "first end token": ["clip_end", { weights: `${GOLDEN}clip_end` }],
  "largest token": ["clip_largest", { weights: `${GOLDEN}clip_largest` }],
  "open_clip's names": [
    "clip_end",
    { weights: `${GOLDEN}clip_end/open_clip.pt`, ...SIZES },
  ],
};

/** Rows of a golden array. */
function rowsOf({ shape, values }: {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number | bigint>;
}): number[][] {
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  return Array.from(
    { length: shape[0]! },
    (_, i) =>
      Array.from({ length: width }, (_, at) => Number(values[i * width + at])),
  );
}

async function readCase(folder: string) {
  const arrays = await readSafetensors(`${GOLDEN}${folder}/case.safetensors`);
  const rows = (name: string) => rowsOf(arrays.get(name)!);
  return {
    rows,
    flat: (name: string) => rows(name).flat(),
    pixels: rows("pixels").map((row) => Float32Array.from(row)),
    ids: rows("input_ids"),
  };
}

for (const [label, [folder, opened]] of Object.entries(CASES)) {
  for (const choice of ["auto", "cpu"] as const) {
    Deno.test(`CLIP, ${label}: vectors and logits equal transformers' on ${choice}`, async () => {
      const { flat, pixels, ids } = await readCase(folder);
      using model = await openContrastive(opened, choice);
      const images = await model.embedImages(pixels);
      const texts = await model.embedTexts(ids);
      const logits = await model.logitsPerImage(images, texts);
      const golden = flat("logits_per_image");
      assert.ok(Math.max(...golden) - Math.min(...golden) > 1);
      for (
        const [own, name] of [
          [images, "image_embeds"],
          [texts, "text_embeds"],
          [logits, "logits_per_image"],
        ] as const
      ) {
        const difference = largestDifference(own, flat(name));
        assert.ok(difference <= 1e-4, `${name}: off by ${difference}`);
      }
    });
  }
}

Deno.test("ContrastiveModel: what comes after a text's end changes nothing", async () => {
  const { rows } = await readCase("clip_end");
  using model = await openContrastive(CASES["first end token"]![1], "auto");
  const masks = rows("attention_mask");
  const all = rows("input_ids");
  const padded = await model.embedTexts(all);
  // Alone, without padding, and in a batch with strange padding.
  for (const [i, ids] of all.entries()) {
    const kept = ids.filter((_, at) => masks[i]![at] === 1);
    const { width } = model.text;
    const expected = padded.subarray(i * width, (i + 1) * width);
    const alone = await model.embedTexts([kept]);
    assert.ok(largestDifference(alone, expected) <= 1e-5, `text ${i}`);
    const strange = [...kept, 130, 5].slice(0, model.text.context);
    const both = await model.embedTexts([all[2]!, strange]);
    const own = both.subarray(width);
    assert.ok(largestDifference(own, expected) <= 1e-5, `text ${i}`);
  }
});

Deno.test("ContrastiveModel: more pictures and texts than a program takes", async () => {
  const { pixels, ids } = await readCase("clip_largest");
  using model = await openContrastive(CASES["largest token"]![1], "auto");
  const check = async <Item>(
    items: readonly Item[],
    embed: (items: readonly Item[]) => Promise<Float32Array>,
  ) => {
    const many = Array.from({ length: 37 }, (_, i) => items[i % items.length]!);
    const once = await embed(items), all = await embed(many);
    const { width } = model.text;
    many.forEach((_, i) => {
      const at = i % items.length * width;
      const own = all.subarray(i * width, (i + 1) * width);
      assert.ok(largestDifference(own, once.slice(at, at + width)) <= 1e-5);
    });
  };
  await check(pixels, (items) => model.embedImages(items));
  await check(ids, (items) => model.embedTexts(items));
  assert.equal((await model.embedImages([])).length, 0);
  assert.equal((await model.embedTexts([])).length, 0);
});

Deno.test("ContrastiveModel: weights in 16 and 8 bits stay close", async () => {
  const { flat, pixels } = await readCase("clip_end");
  const most = { f16: 2e-3, q8_0: 5e-2 };
  for (const dtype of ["f16", "q8_0"] as const) {
    const opened = { ...CASES["first end token"]![1], dtype };
    using model = await openContrastive(opened, "auto");
    const images = await model.embedImages(pixels);
    const difference = largestDifference(images, flat("image_embeds"));
    assert.ok(difference <= most[dtype], `${dtype}: off by ${difference}`);
    assert.ok(difference > 0);
  }
});

Deno.test("ContrastiveModel: refuses what it cannot embed", async () => {
  using model: ContrastiveModel = await openContrastive(
    CASES["first end token"]![1],
    "cpu",
  );
  const texts: [number[], RegExp][] = [
    [[], /text 1 as it has no tokens/],
    [Array(20).fill(5), /it has 20 tokens: the model reads at most 19/],
    [[131], /id 131 is not below the vocabulary's 131/],
    [[-1], /id -1 is not below/],
  ];
  for (const [ids, message] of texts) {
    await assert.rejects(model.embedTexts([[97], ids]), message);
  }
  await assert.rejects(
    model.embedImages([new Float32Array(5)]),
    /picture 0 as it has 5 values: the encoder reads \[3, 28, 28\]/,
  );
});

Deno.test("clip/text needs the class token of its vision encoder", async () => {
  const weights = `${GOLDEN}clip_end`;
  await assert.rejects(
    openContrastive({ weights, vision: { tokens: "patches" } }, "cpu"),
    /Cannot compare pictures by 16 features as there is no class token/,
  );
});

Deno.test("ContrastiveModel: tokensOf() puts a text between its marks", () => {
  const letters = {
    ...absentTokenizer(131, "only single letters are known"),
    encode: (text: string) => [...text].map((each) => each.charCodeAt(0)),
  };
  using device = new CpuDevice(2 ** 20);
  const tokensWith = (bos: number | undefined) => {
    const config = { ...SIZES.text, normEps: 1e-5, visionWidth: 36 };
    using model = new ContrastiveModel({
      device,
      vision: clipVit({
        ...SIZES.vision,
        normEps: 1e-5,
        tokens: "all",
        postNorm: true,
      }),
      text: clipText(config),
      weights: new Map(),
      tokenizer: { ...letters, bos, eos: 97 },
      image: {
        px: 28,
        process: () => new Float32Array(3 * 28 * 28),
        read: () => Promise.resolve({ width: 0, height: 0, data: NO_BYTES }),
      },
    });
    return model.tokensOf("no");
  };
  assert.deepEqual(tokensWith(96), [96, 110, 111, 97]);
  assert.deepEqual(tokensWith(undefined), [110, 111, 97]);
});

const NO_BYTES = new Uint8Array();
