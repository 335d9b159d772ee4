import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { Device } from "../../core/device.ts";
import type { RookeryError } from "../../core/errors.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import type { Media } from "../../models/flamingo/media.ts";
import { encodePrompt, type PromptItem } from "../../models/flamingo/prompt.ts";
import { NO_PICTURE } from "../../models/generation/sequence.ts";
import { assemble } from "../../plugins/assemble.ts";
import { parseConfig } from "../../plugins/parse_config.ts";
import { largestDifference } from "./compare.ts";
import {
  tinyConfigJson,
  tinyPicture,
  tinyPlugins,
} from "../support/tiny_model.ts";
import { TINY, tinyWeights } from "../support/tiny_weights.ts";

/** Bytes of a picture's slot in f32. */
const SLOT_BYTES = TINY.gated.length * 2 * 4 * TINY.mediaHeads *
  TINY.mediaHeadDim * TINY.latents;

/** The tiny model with a long context and little room for pictures. */
async function longTiny(device: Device, context: number): Promise<Flamingo> {
  const json = tinyConfigJson();
  const language = json["language"] as Record<string, unknown>;
  const long = { ...json, language: { ...language, context } };
  return await assemble(parseConfig(long, "long"), {
    device,
    plugins: tinyPlugins(),
    weights: tinyWeights({ gates: "random", seed: 1 }),
    engine: { mediaCacheBytes: 4 * SLOT_BYTES, prefixCacheBytes: 0 },
  });
}

function shotsOf(count: number): PromptItem<Media>[] {
  const shots = Array.from({ length: count }, (_, i): PromptItem<Media>[] => [
    { image: tinyPicture(i) },
    { text: String.fromCharCode(97 + i % 26) + "x" },
    { endOfChunk: true },
  ]).flat();
  return [...shots, { image: tinyPicture(9999) }, { text: "?" }];
}

Deno.test("512 shots need few slots, and give what all pictures at once give", async () => {
  using device = await createDevice();
  using model = await longTiny(device, 4096);
  const { engine, tokenizer, marks, image } = model;
  const items = shotsOf(512);
  const { sequence, chunk } = await model.open(items);
  assert.ok(chunk.tokens.length <= 128);
  // 128 tokens of a portion hold 32 shots; those of the last one are there.
  const shown = sequence.pictures.filter((slot) => slot !== NO_PICTURE);
  assert.ok(shown.length <= 34);
  assert.equal(engine.caches.media.misses, 513);
  assert.ok(Math.max(...sequence.pictures) < 80);
  const last = (logits: Float32Array) => logits.slice(-TINY.vocabulary);
  const streamed = last(await engine.logits(sequence, chunk));
  engine.close(sequence);

  const whole = encodePrompt(items, tokenizer, marks);
  const naive = engine.open();
  const pixels = whole.pictures.map((item) =>
    image!.process((item as { image: ReturnType<typeof tinyPicture> }).image)
  );
  await engine.addPictures(naive, pixels);
  assert.equal(new Set(naive.pictures).size, 513);
  const cut = whole.tokens.length - chunk.tokens.length;
  const part = (from: number, to?: number) => ({
    tokens: whole.tokens.slice(from, to),
    media: whole.media.slice(from, to),
  });
  await engine.step([{ sequence: naive, chunk: part(0, cut), draws: 0 }]);
  const wanted = last(await engine.logits(naive, part(cut)));
  assert.ok(largestDifference(streamed, wanted) <= 1e-4);
});

Deno.test("more shots than the context holds are refused before a picture is read", async () => {
  using device = await createDevice({ device: "cpu" });
  using model = await longTiny(device, 400);
  const unread = { image: "no/such/picture.png" };
  await assert.rejects(
    model.open([unread, ...shotsOf(512)]),
    (error: RookeryError) => {
      assert.equal(error.code, "prompt");
      assert.match(
        error.message,
        /prompt of 2052 tokens .* holds 400, .* of which 99 of 513 would fit/,
      );
      return true;
    },
  );
  assert.equal(model.engine.caches.media.misses, 0);
  const { sequence } = await model.open(shotsOf(98));
  assert.equal(sequence.pictures.length, 99);
});
