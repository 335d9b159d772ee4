import assert from "node:assert/strict";
import fc from "fast-check";
import { createDevice } from "../../core/create_device.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import type { Media } from "../../models/flamingo/media.ts";
import type { PromptItem } from "../../models/flamingo/prompt.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import { largestDifference } from "./compare.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";
import { TINY } from "../support/tiny_weights.ts";

/** Bytes of a page in f32. */
const PAGE_BYTES = TINY.layers * 2 * 4 * TINY.kvHeads * TINY.headDim *
  PAGE_SLOTS;

type Items = readonly PromptItem<Media>[];

const PICTURES = [0, 1, 2].map(tinyPicture);
const WORDS = ["A fox. ", "Two birds on a branch over water. ", "?"];

/** Logits after a prompt's last token, and how many tokens were there. */
async function lastLogits(
  { engine, open }: { engine: Flamingo["engine"]; open: Flamingo["open"] },
  items: Items,
): Promise<{ logits: Float32Array; reused: number }> {
  const { sequence, chunk } = await open(items);
  const reused = sequence.past.length;
  const logits = await engine.logits(sequence, chunk);
  engine.close(sequence);
  return { logits: logits.slice(-TINY.vocabulary), reused };
}

const doorsOf = (model: Flamingo) => ({
  engine: model.engine,
  open: model.open.bind(model),
});

Deno.test("prompts that begin alike share pages, and their logits stay within 1e-3", async () => {
  using device = await createDevice();
  const engine = { prefixCacheBytes: 12 * PAGE_BYTES };
  using cached = await tinyFlamingo(device, { engine });
  using plain = await tinyFlamingo(device, { engine: { prefixCacheBytes: 0 } });
  const item = fc.oneof(
    fc.nat(2).map((i): PromptItem<Media> => ({ image: PICTURES[i]! })),
    fc.nat(2).map((i): PromptItem<Media> => ({ text: WORDS[i]! })),
    fc.constant<PromptItem<Media>>({ endOfChunk: true }),
  );
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { minLength: 1, maxLength: 4 }),
      fc.array(item, { minLength: 1, maxLength: 3 }),
      async (tail, other) => {
        // The stem is the same for all, so that there is much to share.
        const stem: Items = [
          { image: PICTURES[0]! },
          { text: WORDS[1]! },
          { image: PICTURES[1]! },
        ];
        for (const items of [[...stem, ...tail], [...stem, ...other]]) {
          const ours = await lastLogits(doorsOf(cached), items);
          const wanted = await lastLogits(doorsOf(plain), items);
          assert.equal(wanted.reused, 0);
          hits += ours.reused;
          assert.ok(largestDifference(ours.logits, wanted.logits) <= 1e-3);
        }
      },
    ),
    { numRuns: 15, seed: 5 },
  );
  const { prefix } = cached.engine.caches;
  assert.ok(hits > 0 && prefix.hitTokens === hits);
  assert.ok(prefix.pages <= 12);
  assert.equal(prefix.bytes, prefix.pages * PAGE_BYTES);
});

Deno.test("pages of other pictures, other tokens or another place are not shared", async () => {
  using device = await createDevice({ device: "cpu" });
  using model = await tinyFlamingo(device);
  const long = "a text that fills more than one page of the cache";
  const reused = async (items: Items) =>
    (await lastLogits(doorsOf(model), items)).reused;
  const base = [{ image: PICTURES[0]! }, { text: long }];
  assert.equal(await reused(base), 0);
  assert.equal(await reused(base), 48);
  assert.equal(await reused([{ image: PICTURES[1]! }, { text: long }]), 0);
  assert.equal(await reused([{ text: long }]), 0);
  const changed = long.slice(0, 20) + "!" + long.slice(21);
  assert.equal(await reused([base[0]!, { text: changed }]), 16);
  assert.equal(await reused([{ text: "!" }, ...base]), 0);
});

Deno.test("a picture that only reused tokens see is not encoded again", async () => {
  using device = await createDevice({ device: "cpu" });
  const engine = { mediaCacheBytes: 0 };
  using model = await tinyFlamingo(device, { engine });
  const shot = (i: number): Items => [
    { image: PICTURES[i]! },
    { text: "a text of one page of the cache" },
    { endOfChunk: true },
  ];
  const items = [...shot(0), ...shot(1), { image: PICTURES[2]! }];
  const first = await lastLogits(doorsOf(model), items);
  assert.equal(model.engine.caches.media.misses, 3);
  const second = await lastLogits(doorsOf(model), items);
  assert.equal(second.reused, 64);
  assert.ok(largestDifference(first.logits, second.logits) <= 1e-4);
  // The second picture is seen by the end of its chunk, which is fed again.
  assert.ok(model.engine.caches.media.misses <= 5);
});

Deno.test("pages in use never go, and drawn text that goes on is kept too", async () => {
  using device = await createDevice({ device: "cpu" });
  const engine = { prefixCacheBytes: PAGE_BYTES };
  using model = await tinyFlamingo(device, { engine });
  const text = "a text of three pages, which are too many for the cache";
  const { sequence, chunk } = await model.open([{ text }]);
  const { engine: doors } = model;
  await doors.step([{ sequence, chunk, draws: 4 }]);
  assert.equal(doors.caches.prefix.pages, 3);
  // The drawn tokens and these fill the fourth page.
  const more = { tokens: new Array(12).fill(9), media: new Array(12).fill(0) };
  await doors.step([{ sequence, chunk: more, draws: 0 }]);
  assert.equal(doors.caches.prefix.pages, 4);
  const again = doors.open();
  const known = [...sequence.past, 5];
  const all = { tokens: known, media: known.map(() => 0) };
  assert.equal(await doors.reuse(again, all), 64);
  assert.deepEqual(again.pages, sequence.pages.slice(0, 4));
  doors.close(sequence);
  assert.equal(doors.caches.prefix.pages, 4);
  doors.close(again);
  assert.equal(doors.caches.prefix.pages, 1);
});

Deno.test("cached pages give way where the budget has no room for more", async () => {
  using probe = await createDevice({ device: "cpu" });
  using small = await tinyFlamingo(probe, { engine: { tokens: 128 } });
  assert.ok(small.engine.context >= 128);
  const memoryBytes = probe.memory.heldBytes + 60_000;
  using device = await createDevice({ device: "cpu", memoryBytes });
  using model = await tinyFlamingo(device, { engine: { tokens: 128 } });
  for (let i = 0; i < 6; i++) {
    const text = `${i} ` + "word ".repeat(18);
    const { sequence, chunk } = await model.open([{ text }]);
    await model.engine.step([{ sequence, chunk, draws: 0 }]);
    model.engine.close(sequence);
  }
  assert.ok(model.engine.caches.prefix.pages > 0);
});
