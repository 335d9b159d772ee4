import assert from "node:assert/strict";
import { createDevice, type DeviceOptions } from "../../core/create_device.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import type { Media } from "../../models/flamingo/media.ts";
import type { PromptItem } from "../../models/flamingo/prompt.ts";
import type { Picture } from "../../models/slots.ts";
import { assemble } from "../../plugins/assemble.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { parseConfig } from "../../plugins/parse_config.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { chunkOf, largestDifference } from "./compare.ts";
import { passThrough } from "./pass_through.ts";

const MODELS = new URL("../golden/models/", import.meta.url);
const FOLDER = new URL("flamingo/", MODELS);
const IMAGE = 95, VOCABULARY = 96, FRAME = 3 * 8 * 8;

const golden = await readSafetensors(
  new URL("flamingo_video.safetensors", MODELS).pathname,
);
const valuesOf = (name: string) =>
  golden.get(name)!.values as Float32Array<ArrayBuffer>;
const [ROWS, VIDEOS, FRAMES] = golden.get("pixel_values")!.shape as [
  number,
  number,
  number,
];
const LENGTH = golden.get("input_ids")!.shape[1]!;

type Choice = NonNullable<DeviceOptions["device"]>;

/** The tiny model with a resampler for videos. */
function tiny(
  choice: Choice = "auto",
  embeddings: Record<string, number> = {
    timeEmbeddings: 3,
    mediaEmbeddings: 4,
  },
): ReturnType<typeof assembled> {
  const named = { dialect: "open_flamingo", heads: 3, ...embeddings };
  const options = { depth: 1, latents: 8, headDim: 6, ffMult: 2 };
  const tensors = given(golden, (name) => {
    const own = /^perceiver\.(.+)$/.exec(name)?.[1];
    if (own === "frame_embs" && !embeddings.timeEmbeddings) return;
    if (own === "media_time_embs" && !embeddings.mediaEmbeddings) return;
    return own;
  });
  const section = { part: "perceiver", ...named, ...options };
  return assembled(choice, section, tensors);
}

/** The tiny language model and gated blocks with a resampler. */
async function assembled(
  choice: Choice,
  resampler: Readonly<Record<string, unknown>>,
  tensors: ReturnType<typeof given>,
): Promise<{ model: Flamingo } & Disposable> {
  const part = { dialect: "open_flamingo", heads: 3 };
  const config = parseConfig({
    kind: "flamingo",
    schema: 1,
    vision: { part: "pass_through/encoder" },
    image: {},
    resampler,
    language: { part: "llama/decoder", weights: "." },
    crossAttention: { ...part, layers: [0, 2], headDim: 12 },
    tokens: { imageId: IMAGE, endOfChunkId: 94 },
    prompt: {},
  }, "tiny video");
  const bridge = await readSafetensors(
    new URL("bridge.safetensors", FOLDER).pathname,
  );
  const crossAttention = given(bridge, (name) => {
    const found = /layers\.(\d+)\.gated_cross_attn_layer\.(.+)$/.exec(name);
    return found === null ? undefined : `${found[1]}.${found[2]}`;
  });
  const stack = new DisposableStack();
  const device = stack.use(await createDevice({ device: choice }));
  const plugins = [...builtinPlugins(), passThrough()];
  const weights = { resampler: tensors, crossAttention };
  const model = stack.use(
    await assemble(config, { device, plugins, base: FOLDER, weights }),
  );
  return { model, [Symbol.dispose]: () => stack.dispose() };
}

/** Tensors of a file under other names; those without one are left out. */
function given(
  tensors: Awaited<ReturnType<typeof readSafetensors>>,
  nameOf: (name: string) => string | undefined,
): Map<string, ReturnType<typeof inMemory>> {
  return new Map([...tensors].flatMap(([name, { shape, values }]) => {
    const own = nameOf(name);
    if (own === undefined) return [];
    const tensor = inMemory(own, shape, values as Float32Array<ArrayBuffer>);
    return [[own, tensor] as const];
  }));
}

function videosOf(row: number): Float32Array<ArrayBuffer>[] {
  const size = FRAMES * FRAME;
  return Array.from({ length: VIDEOS }, (_, i) => {
    const at = (row * VIDEOS + i) * size;
    return valuesOf("pixel_values").slice(at, at + size);
  });
}

function rowOf(name: string, row: number): Float32Array {
  const size = valuesOf(name).length / ROWS;
  return valuesOf(name).subarray(row * size, (row + 1) * size);
}

function chunkOfRow(row: number): ReturnType<typeof chunkOf> {
  const all = [...golden.get("input_ids")!.values].map(Number);
  const tokens = all.slice(row * LENGTH, (row + 1) * LENGTH);
  let seen = 0;
  return chunkOf(tokens, tokens.map((id) => id === IMAGE ? ++seen : seen));
}

for (const choice of ["auto", "cpu"] as const) {
  Deno.test(`videos give open_flamingo's features, latents and logits on ${choice}`, async () => {
    using tested = await tiny(choice);
    const { engine } = tested.model;
    for (let row = 0; row < ROWS; row++) {
      const sequence = engine.open();
      await engine.addPictures(sequence, videosOf(row));
      const logits = await engine.logits(sequence, chunkOfRow(row));
      engine.close(sequence);
      assert.equal(logits.length, LENGTH * VOCABULARY);
      assert.ok(largestDifference(logits, rowOf("logits", row)) <= 1e-3);
      const found = await engine.describePictures(videosOf(row));
      const wanted = rowOf("latents", row);
      assert.ok(largestDifference(found.latents, wanted) <= 1e-4);
      assert.deepEqual(found.features, rowOf("vision_features", row).slice());
    }
  });
}

Deno.test("describePictures() keeps the order of pictures and videos", async () => {
  using tested = await tiny("cpu");
  const { engine } = tested.model;
  const [first, second] = videosOf(0) as [
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
  ];
  const still = second.slice(0, FRAME);
  const mixed = [first, still, second, still];
  const all = await engine.describePictures(mixed, [0, 1, 1, 1]);
  const latents: number[] = [], features: number[] = [];
  for (const [i, index] of [0, 1, 1, 1].entries()) {
    const alone = await engine.describePictures([mixed[i]!], [index]);
    latents.push(...alone.latents);
    features.push(...alone.features);
  }
  assert.deepEqual([...all.latents], latents);
  assert.deepEqual([...all.features], features);
});

/** An 8 × 8 picture of one colour, a little different everywhere. */
function pictureOf(colour: number): Picture {
  const data = new Uint8Array(8 * 8 * 4)
    .map((_, i) => i % 4 === 3 ? 255 : (colour + 7 * i) % 256);
  return { width: 8, height: 8, data };
}

/** Logits of a prompt as users give it. */
async function logitsOf(
  model: Flamingo,
  items: readonly PromptItem<Media>[],
): Promise<Float32Array> {
  const { sequence, chunk } = await model.open(items);
  const logits = await model.engine.logits(sequence, chunk);
  model.engine.close(sequence);
  return logits;
}

Deno.test("a prompt's frames are encoded as one video, in place", async () => {
  using tested = await tiny("cpu");
  const { model } = tested;
  const { engine, image } = model;
  const [a, b] = [pictureOf(10), pictureOf(200)];
  const pixels = [a, b].map((picture) => image!.process(picture));
  const both = new Float32Array(2 * FRAME);
  pixels.forEach((own, i) => both.set(own, i * FRAME));
  const end = { endOfChunk: true } as const;
  const items = [{ image: b }, { frames: [a, b] }, { image: b }, end];
  const sequence = engine.open();
  await engine.addPictures(sequence, [pixels[1]!, both, pixels[1]!]);
  const tokens = [IMAGE, IMAGE, IMAGE, 94];
  const wanted = await engine.logits(sequence, {
    tokens,
    media: [1, 2, 3, 3],
  });
  engine.close(sequence);
  assert.deepEqual(await logitsOf(model, items), wanted);
  // The same again, now from the cache.
  assert.deepEqual(await logitsOf(model, items), wanted);
  const turned = [{ image: b }, { frames: [b, a] }, { image: b }, end];
  assert.ok(
    largestDifference(await logitsOf(model, turned), wanted) > 1e-3,
    "the order of frames matters",
  );
});

Deno.test("a video file is its frames, at most 30 of them", async () => {
  using tested = await tiny("cpu");
  const { model } = tested;
  const folder = new URL("../golden/image/", import.meta.url);
  const json = await Deno.readTextFile(new URL("gif_frames.json", folder));
  const { file, frames: count } = JSON.parse(json);
  const bytes = Uint8Array.from(atob(file), (c) => c.charCodeAt(0));
  const frames = await model.image!.readFrames!(bytes, 30);
  assert.equal(frames.length, count);
  const fromFile = await logitsOf(model, [{ video: bytes }]);
  assert.deepEqual(fromFile, await logitsOf(model, [{ frames }]));
  const first = await logitsOf(model, [{ image: bytes }]);
  assert.ok(largestDifference(first, fromFile) > 1e-3);
});

Deno.test("the cache keeps a picture apart by place where the resampler reads it", async () => {
  const b = pictureOf(200);
  const items = [{ image: b }, { image: b }];
  for (const mediaEmbeddings of [4, 0]) {
    using tested = await tiny("cpu", { timeEmbeddings: 3, mediaEmbeddings });
    const { sequence } = await tested.model.open(items);
    const [first, second] = sequence.pictures;
    assert.equal(first === second, mediaEmbeddings === 0);
  }
});

Deno.test("videos and pictures that the resampler cannot read are refused", async () => {
  const video = new Float32Array(2 * FRAME);
  using still = await tiny("cpu", {});
  await assert.rejects(
    still.model.engine.addPictures(still.model.engine.open(), [video]),
    /Cannot read a video of 2 frames as the resampler reads single pictures/,
  );
  using tested = await tiny("cpu");
  const { engine } = tested.model;
  await assert.rejects(
    engine.describePictures([new Float32Array(FRAME + 1)]),
    /193 numbers as pixels of a picture: they must be \[3, 8, 8\]/,
  );
  const five = Array.from({ length: 5 }, () => video);
  await assert.rejects(
    engine.addPictures(engine.open(), five),
    /Cannot read picture 5 of a sequence as the resampler has embeddings of 4/,
  );
  await assert.rejects(
    tested.model.open([{ frames: [] }]),
    /Cannot use a video without frames/,
  );
});

Deno.test("more frames than trained give finite latents of their own", async () => {
  using tested = await tiny("cpu");
  const { engine } = tested.model;
  const [video] = videosOf(0);
  const long = new Float32Array(9 * FRAME);
  for (let frame = 0; frame < 9; frame++) {
    long.set(video!.subarray(0, FRAME), frame * FRAME);
  }
  const { latents, features } = await engine.describePictures([long]);
  assert.equal(features.length, 9 * 6 * 32);
  assert.ok(latents.every(Number.isFinite));
});

Deno.test("identity hands features on as latents, of single pictures", async () => {
  const pixels = videosOf(1)[0]!;
  using identity = await assembled("auto", { part: "identity" }, new Map());
  const { engine } = identity.model;
  const still = pixels.slice(0, FRAME);
  const { features, latents } = await engine.describePictures([still]);
  assert.deepEqual(latents, features);
  await assert.rejects(
    engine.describePictures([pixels]),
    /a video of 2 frames as the resampler reads single pictures/,
  );
  const logits = await logitsOf(identity.model, [{ image: pictureOf(9) }]);
  assert.ok(logits.every(Number.isFinite));
});
