import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { RookeryError } from "../../core/errors.ts";
import type { PromptItem } from "../../models/flamingo/prompt.ts";
import { encodePng } from "../../plugins/image/encode_png.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";
import { TINY } from "../support/tiny_weights.ts";

/** Bytes of a picture's slot in f32: two gated layers, keys and values. */
const SLOT_BYTES = 2 * 2 * 4 * TINY.mediaHeads * TINY.mediaHeadDim *
  TINY.latents;
/** Bytes of a page of 16 tokens in f32. */
const PAGE_BYTES = TINY.layers * 2 * 4 * TINY.kvHeads * TINY.headDim * 16;

const shown = (seed: number): PromptItem<ReturnType<typeof tinyPicture>>[] => [
  { image: tinyPicture(seed) },
  { text: "A" },
];

Deno.test("the media cache knows pictures by content, whatever file they come from", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const picture = tinyPicture(1);
  const data = new Uint8Array(picture.data);
  const items = [
    { image: picture },
    { image: await encodePng({ ...picture, data }) },
    { image: tinyPicture(2) },
    { text: "A" },
  ];
  const { sequence } = await model.open(items);
  const [first, second, third] = sequence.pictures;
  assert.equal(first, second);
  assert.notEqual(first, third);
  assert.equal(sequence.pictureKeys[0], sequence.pictureKeys[1]);
  const again = await model.open(shown(1));
  assert.deepEqual(again.sequence.pictures, [first]);
  const { hits, misses, pictures, bytes } = model.engine.caches.media;
  assert.deepEqual({ hits, misses, pictures, bytes }, {
    hits: 2,
    misses: 2,
    pictures: 2,
    bytes: 2 * SLOT_BYTES,
  });
});

Deno.test("pictures in use stay beyond the media cache's budget, others go", async () => {
  using device = await createDevice();
  const engine = { pictures: 1, mediaCacheBytes: 2 * SLOT_BYTES };
  using model = await tinyFlamingo(device, { engine });
  const opened = [];
  for (const seed of [1, 2, 3, 4]) opened.push(await model.open(shown(seed)));
  assert.equal(model.engine.caches.media.pictures, 4);
  const slots = opened.flatMap(({ sequence }) => sequence.pictures);
  assert.equal(new Set(slots).size, 4);
  for (const { sequence } of opened) model.engine.close(sequence);
  assert.equal(model.engine.caches.media.pictures, 2);
  // The last two were shown last.
  for (const seed of [3, 4]) {
    model.engine.close((await model.open(shown(seed))).sequence);
  }
  assert.equal(model.engine.caches.media.hits, 2);
  model.engine.close((await model.open(shown(1))).sequence);
  const { misses, pictures, budgetBytes } = model.engine.caches.media;
  assert.deepEqual([misses, pictures], [5, 2]);
  assert.equal(budgetBytes, 2 * SLOT_BYTES);
});

Deno.test("a cached picture gives the logits of a fresh one, bit for bit", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const run = async () => {
    const { sequence, chunk } = await model.open(shown(7));
    const logits = await model.engine.logits(sequence, chunk);
    model.engine.close(sequence);
    return logits;
  };
  const fresh = await run();
  assert.deepEqual(await run(), fresh);
  assert.equal(model.engine.caches.media.hits, 1);
});

Deno.test("a picture that cannot be encoded leaves no trace", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const sequence = model.engine.open();
  const picture = { key: "a", place: 0, pixels: () => new Float32Array(5) };
  await assert.rejects(
    model.engine.showPictures(sequence, [picture]),
    (error: RookeryError) => error.code === "prompt",
  );
  assert.deepEqual(sequence.pictures, []);
  assert.equal(model.engine.caches.media.pictures, 0);
});

Deno.test("near the budget pools grow to what is needed, or refuse unharmed", async () => {
  using probe = await createDevice({ device: "cpu" });
  using small = await tinyFlamingo(probe, { engine: { tokens: 64 } });
  // 4 pages; room for 5 more beside a copy of one layer's states.
  const layer = PAGE_BYTES / TINY.layers;
  const held = probe.memory.heldBytes;
  assert.ok(small.engine.context >= 240);
  const memoryBytes = held + 5 * PAGE_BYTES + 10 * layer + 40_000;
  using device = await createDevice({ device: "cpu", memoryBytes });
  using model = await tinyFlamingo(device, { engine: { tokens: 64 } });
  const feed = (length: number) => {
    const tokens = Array.from({ length }, (_, i) => 3 + i % 90);
    const sequence = model.engine.open();
    const chunk = { tokens, media: tokens.map(() => 0) };
    return model.engine.step([{ sequence, chunk, draws: 0 }])
      .finally(() => model.engine.close(sequence));
  };
  await feed(60);
  const before = device.memory.heldBytes;
  await assert.rejects(
    feed(250),
    (error: RookeryError) =>
      error.code === "memory" && /4 pages .* to 16 /.test(error.message),
  );
  assert.ok(device.memory.heldBytes <= before);
  await feed(60);
});
