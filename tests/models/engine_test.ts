import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { RookeryError } from "../../core/errors.ts";
import { assemble } from "../../plugins/assemble.ts";
import { chunkOf, largestDifference } from "./compare.ts";
import { FOLDER, opened, prompt, VOCABULARY } from "./open_llama.ts";

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
