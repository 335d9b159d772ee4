import assert from "node:assert/strict";
import {
  createDevice,
  fairPolicy,
  type Flamingo,
  type Media,
  type PromptItem,
  PromptScheduler,
  type RookeryError,
  type SamplerSettings,
  type SchedulePolicy,
  Scheduler,
  throughputPolicy,
} from "../../mod.ts";
import { createRandom } from "../support/random.ts";
import {
  tinyFlamingo,
  tinyLanguageModel,
  tinyPicture,
} from "../support/tiny_model.ts";

/** A request of a test. */
interface Prompt {
  readonly items: readonly PromptItem<Media>[];
  readonly settings: SamplerSettings;
}

const LETTERS = "abcdefgh XYZ123";

/** Prompts of all kinds: lengths, pictures, samplers, stops. */
function prompts(count: number, hasEyes: boolean): Prompt[] {
  const random = createRandom(5);
  const pick = (most: number): number => Math.floor(random() * most);
  const text = (length: number): string =>
    Array.from({ length }, () => LETTERS[pick(LETTERS.length)]).join("");
  return Array.from({ length: count }, (_, i): Prompt => ({
    items: [
      { text: text(1 + pick(30)) },
      ...(hasEyes && i % 3 > 0
        ? [{ image: tinyPicture(1 + i % 4) }, { text: text(1 + pick(9)) }]
        : []),
      ...(hasEyes && i % 3 > 1
        ? [{ image: tinyPicture(9) }, { text: text(2) }]
        : []),
    ],
    settings: {
      maxTokens: 1 + pick(12),
      ...(i % 4 === 1 ? { temperature: 0.9, seed: i } : {}),
      ...(i % 5 === 2 ? { stopStrings: ["a", "zz"] } : {}),
      ...(i % 6 === 3 ? { repetitionPenalty: 1.4, topLogprobs: 2 } : {}),
    },
  }));
}

async function alone(
  model: Flamingo,
  { items, settings }: Prompt,
): Promise<string> {
  let text = "";
  for await (const piece of model.generate(items, settings)) text += piece.text;
  return text;
}

const POLICIES: readonly (() => SchedulePolicy)[] = [
  () => fairPolicy({ feedTokens: 8, blockMs: 5 }),
  throughputPolicy,
];

for (const device of ["auto", "cpu"] as const) {
  for (const policy of POLICIES) {
    const { name } = policy();
    Deno.test(`Scheduler: texts of a changing batch are those of runs alone, ${name}, on ${device}`, async () => {
      using opened = await createDevice({ device });
      for (const make of [tinyFlamingo, tinyLanguageModel]) {
        using model = await make(opened);
        const all = prompts(device === "cpu" ? 6 : 14, make === tinyFlamingo);
        const expected = [];
        for (const prompt of all) expected.push(await alone(model, prompt));
        const scheduler = new PromptScheduler(model, {
          policy: policy(),
          mostRows: 5,
        });
        const random = createRandom(2);
        const texts = [];
        for (const { items, settings } of all) {
          texts.push(scheduler.submit(items, settings));
          // Some come while others are under way.
          if (random() < 0.5) {
            await Promise.race([texts.at(-1)!.result, wait(9)]);
          }
        }
        const results = await Promise.all(texts.map(({ result }) => result));
        assert.deepEqual(results.map(({ text }) => text), expected);
        assert.deepEqual(scheduler.load, { active: 0, waiting: 0 });
      }
    });
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("Scheduler: pieces come while others run, and make up the text", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const scheduler = new PromptScheduler(model);
  const [first, second] = prompts(2, true).map(({ items }) =>
    scheduler.submit(items, { maxTokens: 9 })
  );
  let text = "", tokens = 0;
  for await (const piece of first!) {
    text += piece.text;
    tokens += piece.tokens;
  }
  const result = await first!.result;
  assert.equal(text, result.text);
  assert.equal(tokens, result.tokens);
  assert.ok(result.firstMs > 0 && result.firstMs <= result.totalMs);
  assert.ok((await second!.result).tokens > 0);
});

Deno.test("Scheduler: an error is its own request's", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const scheduler = new PromptScheduler(model);
  const good = scheduler.submit([{ text: "abc" }], { maxTokens: 4 });
  const bad = [
    // The tiny model's prompts have a start mark, so none of them is empty.
    scheduler.submit([{ text: "a" }], { maxTokens: 0 }),
    scheduler.submit([{ text: "a" }], { topP: 2 }),
    scheduler.submit([{ image: "missing.png" }]),
    scheduler.submit([{ text: "x".repeat(5000) }]),
  ];
  const codes = await Promise.all(
    bad.map(({ result }) =>
      result.then(() => "none", (error) => (error as RookeryError).code)
    ),
  );
  assert.deepEqual(codes, ["usage", "usage", "file", "prompt"]);
  for await (const _ of good) { /* It goes on. */ }
  assert.equal((await good.result).tokens, 4);
  await assert.rejects(async () => {
    for await (const _ of bad[0]!) { /* Nothing comes. */ }
  }, { code: "usage" });
});

Deno.test("Scheduler: an aborted request ends with the text it has", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const scheduler = new PromptScheduler(model, {
    policy: fairPolicy({ blockMs: 1 }),
    mostRows: 1,
  });
  const abort = new AbortController(), { signal } = abort;
  const running = scheduler.submit(
    [{ text: "ab" }],
    { maxTokens: 60, banned: [0, 1, 2], stop: [] },
    { signal },
  );
  const inLine = scheduler.submit([{ text: "cd" }], {}, { signal });
  for await (const _ of running) {
    abort.abort();
    break;
  }
  const { tokens } = await running.result;
  assert.ok(tokens > 0 && tokens < 60, `${tokens}`);
  assert.equal((await inLine.result).tokens, 0);
  await scheduler.idle();
});

Deno.test("Scheduler: beyond the budget is a memory error with the numbers, others run", async () => {
  using device = await createDevice({ memoryBytes: 3 * 2 ** 20 });
  using model = await tinyLanguageModel(device, { engine: { tokens: 32 } });
  const { tokens } = model.engine.room();
  const held = device.memory.budgetBytes - device.memory.heldBytes;
  assert.ok(tokens > 0 && held > 0);
  const scheduler = new Scheduler(model.engine, model.tokenizer);
  const request = (count: number, maxTokens: number) => ({
    tokens: count,
    maxTokens,
    pictures: 0,
    open: () =>
      model.open([{ text: "a".repeat(count) }], { maxTokens, stop: [] }),
  });
  const most = model.engine.context;
  const fits = scheduler.submit(request(3, 4));
  const never = tokens < most
    ? scheduler.submit(request(Math.min(most - 1, tokens + 1), most))
    : undefined;
  assert.equal((await fits.result).tokens, 4);
  if (never) await assert.rejects(never.result, { code: "memory" });
  assert.ok(device.memory.heldBytes <= device.memory.budgetBytes);
});

Deno.test("Scheduler: refuses impossible numbers", () => {
  assert.throws(() => fairPolicy({ feedTokens: 0 }), { code: "usage" });
  assert.throws(
    () =>
      new Scheduler(undefined as never, undefined as never, { mostRows: 65 }),
    /1 to 64/,
  );
});
