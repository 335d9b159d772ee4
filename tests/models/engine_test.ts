import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { RookeryError } from "../../core/errors.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import type { EngineOptions } from "../../models/generation/engine_options.ts";
import { assemble } from "../../plugins/assemble.ts";
import { chunkOf, largestDifference } from "./compare.ts";

const FOLDER = new URL("../golden/models/llama_tied", import.meta.url).pathname;
const VOCABULARY = 131;

async function opened(
  engine: EngineOptions = {},
): Promise<{ model: Flamingo } & Disposable> {
  const stack = new DisposableStack();
  const device = stack.use(await createDevice());
  const model = stack.use(await assemble(FOLDER, { device, engine }));
  return { model, [Symbol.dispose]: () => stack.dispose() };
}

/** A fixed prompt of so many tokens. */
function prompt(length: number, seed: number): number[] {
  return Array.from({ length }, (_, i) => 3 + (i * 37 + seed * 11) % 120);
}

Deno.test("prefill and cached decode equal one long forward", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const tokens = prompt(50, 1);
  const whole = await engine.logits(engine.open(), chunkOf(tokens));
  const stepped = engine.open();
  // Chunks that start and end inside pages, and single tokens.
  let at = 0;
  for (const length of [1, 16, 7, 1, 1, 20, 4]) {
    const part = chunkOf(tokens.slice(at, at + length));
    const logits = await engine.logits(stepped, part);
    const expected = whole.subarray(
      at * VOCABULARY,
      (at + length) * VOCABULARY,
    );
    assert.ok(largestDifference(logits, expected) <= 1e-4);
    at += length;
  }
  assert.equal(at, tokens.length);
});

Deno.test("rows of different length in one batch draw what each draws alone", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const prompts = [5, 1, 40, 17, 150].map((length, i) => prompt(length, i));
  const settings = { maxTokens: 20 };
  const alone: number[][] = [];
  for (const tokens of prompts) {
    const sequence = engine.open(settings);
    await engine.step([{ sequence, chunk: chunkOf(tokens), draws: 20 }]);
    alone.push(sequence.samples.map(({ token }) => token));
    engine.close(sequence);
  }
  const rows = prompts.map((tokens) => ({
    sequence: engine.open(settings),
    chunk: chunkOf(tokens),
    draws: 1,
  }));
  await engine.step(rows);
  for (let i = 0; i < 10; i++) {
    // Rows are stepped in changing order and number.
    const some = rows.filter((_, row) => row % 2 === i % 2 || i > 6)
      .toReversed();
    await engine.step(some.map(({ sequence }) => ({ sequence, draws: 4 })));
  }
  rows.forEach(({ sequence }, i) => {
    assert.deepEqual(sequence.samples.map(({ token }) => token), alone[i]);
    assert.ok(sequence.isDone);
  });
});

Deno.test("sampling with a seed repeats itself and differs from other seeds", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const draw = async (seed: number, temperature: number) => {
    const sequence = engine.open({
      seed,
      temperature,
      topK: 50,
      topP: 0.95,
      maxTokens: 24,
    });
    await engine.step([{ sequence, chunk: chunkOf(prompt(9, 2)), draws: 24 }]);
    engine.close(sequence);
    return sequence.samples.map(({ token }) => token).join();
  };
  assert.equal(await draw(7, 1), await draw(7, 1));
  assert.notEqual(await draw(7, 1), await draw(8, 1));
  assert.equal(await draw(7, 0), await draw(8, 0));
});

Deno.test("a recorded log-likelihood is the logits' own", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const tokens = prompt(11, 3);
  const sequence = engine.open({ maxTokens: 3 });
  await engine.step([{ sequence, chunk: chunkOf(tokens), draws: 3 }]);
  const drawn = sequence.samples.map(({ token }) => token);
  const all = [...tokens, ...drawn.slice(0, -1)];
  const logits = await engine.logits(engine.open(), chunkOf(all));
  const scored = await engine.score([{
    sequence: engine.open(),
    chunk: chunkOf(all),
    targets: [...all.slice(1), drawn.at(-1)!],
  }]);
  sequence.samples.forEach(({ token, logprob }, i) => {
    const at = tokens.length - 1 + i;
    const row = logits.subarray(at * VOCABULARY, (at + 1) * VOCABULARY);
    const most = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
    assert.ok(Math.abs(row[token]! - most - Math.log(sum) - logprob) < 1e-4);
    assert.ok(Math.abs(scored[0]![at]! - logprob) < 1e-4);
  });
});

Deno.test("a fork shares the past and goes its own way", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const trunk = engine.open({ maxTokens: 8 });
  await engine.step([{
    sequence: trunk,
    chunk: chunkOf(prompt(37, 4)),
    draws: 0,
  }]);
  const branch = await engine.fork(trunk);
  assert.deepEqual(branch.pages.slice(0, 2), trunk.pages.slice(0, 2));
  assert.notEqual(branch.pages[2], trunk.pages[2]);
  const [left, right] = [prompt(5, 5), prompt(5, 6)];
  const a = await engine.logits(trunk, chunkOf(left));
  const b = await engine.logits(branch, chunkOf(right));
  const alone = async (tail: number[]) => {
    const all = [...prompt(37, 4), ...tail];
    const logits = await engine.logits(engine.open(), chunkOf(all));
    return logits.subarray(37 * VOCABULARY);
  };
  assert.ok(largestDifference(a, await alone(left)) <= 1e-4);
  assert.ok(largestDifference(b, await alone(right)) <= 1e-4);
});

Deno.test("pools grow and sequences keep their past", async () => {
  using tested = await opened({ tokens: 32 });
  const { engine } = tested.model;
  const first = engine.open();
  await engine.step([{
    sequence: first,
    chunk: chunkOf(prompt(20, 7)),
    draws: 0,
  }]);
  await engine.logits(engine.open(), chunkOf(prompt(200, 8)));
  const tail = await engine.logits(first, chunkOf(prompt(4, 9)));
  const all = [...prompt(20, 7), ...prompt(4, 9)];
  const whole = await engine.logits(engine.open(), chunkOf(all));
  assert.ok(largestDifference(tail, whole.subarray(20 * VOCABULARY)) <= 1e-4);
});

Deno.test("more than the context is refused with the numbers", async () => {
  using tested = await opened({ context: 64 });
  const { engine } = tested.model;
  await assert.rejects(
    engine.step([{
      sequence: engine.open(),
      chunk: chunkOf(prompt(65, 0)),
      draws: 1,
    }]),
    (error: RookeryError) =>
      error.code === "prompt" && /context holds 64/.test(error.message),
  );
  assert.throws(() => engine.open({ topP: 0 }), /topP 0: it must be over 0/);
  assert.throws(() => engine.open({ seed: -1 }), /seed -1/);
});

Deno.test("banned tokens are never drawn, and banning all is refused", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const banned = Array.from({ length: 130 }, (_, i) => i);
  const sequence = engine.open({ banned, maxTokens: 4 });
  await engine.step([{ sequence, chunk: chunkOf([5, 6]), draws: 4 }]);
  assert.deepEqual(sequence.samples.map(({ token }) => token), [
    130,
    130,
    130,
    130,
  ]);
  assert.throws(() => engine.open({ banned: [...banned, 130] }), /banned/);
});

Deno.test("assembling and disposing 50 times leaves memory flat", async () => {
  using device = await createDevice();
  let after10 = 0;
  for (let i = 0; i < 50; i++) {
    using model = await assemble(FOLDER, { device });
    const sequence = model.engine.open({ maxTokens: 4 });
    const row = { sequence, chunk: chunkOf(prompt(5, i)), draws: 4 };
    await model.engine.step([row]);
    if (i === 10) after10 = Deno.memoryUsage().rss;
  }
  assert.equal(device.memory.heldBytes, 0);
  const growth = Deno.memoryUsage().rss - after10;
  assert.ok(growth < 64 * 2 ** 20, `resident memory grew by ${growth} bytes`);
});

Deno.test("calls made at once take turns and answer as calls one by one", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const prompts = [prompt(9, 1), prompt(30, 2), prompt(4, 3)];
  const run = (tokens: number[]) =>
    engine.logits(engine.open(), chunkOf(tokens));
  const apart: Float32Array[] = [];
  for (const tokens of prompts) apart.push(await run(tokens));
  const together = await Promise.all(prompts.map(run));
  assert.deepEqual(together, apart);
});

Deno.test("a row that is done stays where it is while others go on", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const tokens = prompt(9, 3);
  const free = engine.open({ maxTokens: 30 });
  await engine.step([{ sequence: free, chunk: chunkOf(tokens), draws: 30 }]);
  const drawn = free.samples.map(({ token }) => token);
  const stop = drawn[4]!;
  const end = drawn.indexOf(stop) + 1;
  const short = engine.open({ maxTokens: 30, stop: [stop] });
  const other = engine.open({ maxTokens: 30 });
  const alone = engine.open({ maxTokens: 30, stop: [stop] });
  const row = (sequence: typeof short) => ({
    sequence,
    chunk: chunkOf(tokens),
    draws: 30,
  });
  await engine.step([row(short), row(other)]);
  // Here nothing is left to do in most of the steps.
  await engine.step([row(alone)]);
  assert.deepEqual(other.samples, free.samples);
  for (const sequence of [short, alone]) {
    assert.ok(sequence.isDone && sequence.hasPending);
    assert.deepEqual(
      sequence.samples.map(({ token }) => token),
      drawn.slice(0, end),
    );
    const past = [...tokens, ...drawn.slice(0, end - 1)];
    assert.deepEqual(sequence.past, past);
    const next = prompt(6, 8);
    await engine.step([{ sequence, chunk: chunkOf(next), draws: 0 }]);
    const own = await engine.logits(sequence, chunkOf([5]));
    const all = [...tokens, ...drawn.slice(0, end), ...next, 5];
    const whole = await engine.logits(engine.open(), chunkOf(all));
    const last = whole.subarray(-VOCABULARY);
    assert.ok(largestDifference(own, last) <= 1e-4);
  }
});

Deno.test("a row with a seed draws the same text alone and in company", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const rows = Array.from({ length: 5 }, (_, i) => ({
    tokens: prompt(3 + 7 * i, i),
    settings: {
      seed: 40 + i,
      temperature: 0.6 + 0.3 * i,
      topK: 10 * i,
      topP: 1 - 0.05 * i,
      minP: 0.01 * i,
      frequencyPenalty: i % 2,
      presencePenalty: i % 3,
      topLogprobs: i % 2,
      maxTokens: 12 + i,
    },
  }));
  const open = () =>
    rows.map(({ tokens, settings }) => ({
      sequence: engine.open(settings),
      chunk: chunkOf(tokens),
      draws: 16,
    }));
  const drawn = (all: ReturnType<typeof open>) =>
    all.map(({ sequence }) => sequence.samples.map(({ token }) => token));
  const alone = open();
  for (const row of alone) await engine.step([row]);
  const together = open();
  await engine.step(together);
  assert.deepEqual(drawn(together), drawn(alone));
  const shuffled = open();
  await engine.step(shuffled.toReversed().map((row) => ({ ...row, draws: 1 })));
  for (let i = 0; i < 6; i++) {
    const some = shuffled.filter((_, row) => row !== i);
    await engine.step(some.map(({ sequence }) => ({ sequence, draws: 4 })));
  }
  assert.deepEqual(drawn(shuffled), drawn(alone));
  assert.notDeepEqual(drawn(alone)[1], drawn(alone)[2]);
});
