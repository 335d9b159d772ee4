import assert from "node:assert/strict";
import {
  createDevice,
  type Device,
  fairPolicy,
  type Flamingo,
  type Media,
  type PromptItem,
  PromptScheduler,
  RookeryError,
  type SamplerSettings,
  type SchedulePolicy,
} from "../../mod.ts";
import { createRandom } from "../support/random.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

/** A request of a test. */
interface Request {
  readonly items: readonly PromptItem<Media>[];
  readonly settings: SamplerSettings;
}

const KIB = 1024;
const ENGINE = { tokens: 32, pictures: 2 };
const SMALL: Request = { items: [{ text: "ab" }], settings: { maxTokens: 2 } };

/** Requests of all shapes, some longer than a small budget holds. */
function requests(seed: number, count: number): Request[] {
  const random = createRandom(seed);
  const below = (most: number): number => Math.floor(random() * most);
  const text = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(97 + below(26))).join("");
  return Array.from({ length: count }, (): Request => {
    const pictures = [0, 0, 1, 2, 5][below(5)]!;
    const items: PromptItem<Media>[] = [{ text: text(1 + below(30)) }];
    for (let i = 0; i < pictures; i++) {
      items.push({ image: tinyPicture(below(9)) }, { text: text(below(9)) });
    }
    if (below(4) === 0) items.push({ text: text(below(250)) });
    const settings = [
      {},
      { stopStrings: ["a", "qu"] },
      { repetitionPenalty: 1.3, topLogprobs: 2 },
      { logitBias: { 40: 2 }, presencePenalty: 0.5 },
    ][below(4)]!;
    return { items, settings: { maxTokens: 1 + below(40), ...settings } };
  });
}

/** Sees the budget kept before every step. */
function watching(device: Device, policy: SchedulePolicy): SchedulePolicy {
  return {
    name: policy.name,
    next(view) {
      checkBudget(device);
      return policy.next(view);
    },
  };
}

function checkBudget({ memory }: Device): void {
  const { heldBytes, budgetBytes } = memory;
  assert.ok(heldBytes <= budgetBytes, `${heldBytes} of ${budgetBytes} held`);
}

/** Text of a request by itself, or the error that it fails by. */
async function textOf(
  scheduler: PromptScheduler,
  { items, settings }: Request,
): Promise<string | RookeryError> {
  try {
    return (await scheduler.submit(items, settings).result).text;
  } catch (error) {
    assert.ok(error instanceof RookeryError, `${(error as Error).stack}`);
    return error;
  }
}

/** A typed error that tells what was needed and what there was. */
function checkError(error: RookeryError): void {
  assert.match(error.code, /^(?:memory|prompt)$/, error.message);
  assert.equal(typeof error.details.expected, "number", error.message);
  assert.equal(typeof error.details.actual, "number", error.message);
}

/** Everything is free, or kept for later by nobody in particular. */
function checkNothingLeaks({ engine }: Flamingo): void {
  const { pages, media } = engine.memory();
  assert.equal(pages.free + pages.kept, pages.size, "pages");
  assert.equal(media.free + media.kept, media.size, "pictures");
}

/** Opens the tiny model where so many bytes are free beside it. */
async function openWithin<Result>(
  device: Device,
  freeBytes: number,
  use: (model: Flamingo) => Promise<Result>,
): Promise<Result> {
  using model = await tinyFlamingo(device, { engine: ENGINE });
  const { budgetBytes, heldBytes } = device.memory;
  const filler = budgetBytes - heldBytes - freeBytes;
  device.memory.take("filler", filler, "filler");
  try {
    return await use(model);
  } finally {
    device.memory.give("filler", filler);
  }
}

Deno.test("budget: every request gives its text or a typed error, and the next ones go on", async () => {
  using device = await createDevice({ memoryBytes: 64 * KIB * KIB });
  const all = requests(3, 14);
  const expected = await openWithin(device, 40 * KIB * KIB, async (model) => {
    const scheduler = new PromptScheduler(model);
    const texts = [];
    for (const request of all) texts.push(await textOf(scheduler, request));
    return texts;
  });
  const texts: number[] = [];
  for (const free of [0, 90, 140, 220, 350, 600, 1000]) {
    const isEnough = await openWithin(
      device,
      free * KIB,
      async (model) =>
        typeof await textOf(new PromptScheduler(model), SMALL) === "string",
    );
    await openWithin(device, free * KIB, async (model) => {
      const policy = watching(device, fairPolicy({ blockMs: 20 }));
      const scheduler = new PromptScheduler(model, { policy });
      const results = await Promise.all(
        all.map((request) => textOf(scheduler, request)),
      );
      results.forEach((result, i) => {
        if (result instanceof RookeryError) {
          if (!(expected[i] instanceof RookeryError)) checkError(result);
        } else assert.equal(result, expected[i], `request ${i} of ${free} KiB`);
      });
      texts.push(results.filter((text) => typeof text === "string").length);
      const after = await textOf(scheduler, SMALL);
      if (isEnough && after instanceof RookeryError) throw after;
      checkNothingLeaks(model);
      checkBudget(device);
    });
    assert.equal(device.memory.heldBytes, 0, `${free} KiB free`);
  }
  // With more memory more requests run; at last all of them.
  const most = expected.filter((text) => typeof text === "string").length;
  assert.equal(texts[0], 0);
  assert.equal(texts.at(-1), most);
});
