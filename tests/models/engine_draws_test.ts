import assert from "node:assert/strict";
import { chunkOf, largestDifference } from "./compare.ts";
import { opened, prompt, VOCABULARY } from "./open_llama.ts";

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

Deno.test("each row of a step draws as many tokens as it asks for", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const lengths = [3, 9, 20];
  const free = lengths.map((length, i) => ({
    sequence: engine.open({ maxTokens: 90 }),
    chunk: chunkOf(prompt(length, i)),
    draws: 90,
  }));
  for (const row of free) await engine.step([row]);
  const rows = free.map(({ chunk }) => ({
    sequence: engine.open({ maxTokens: 90 }),
    chunk,
  }));
  const counts = [0, 0, 0];
  const step = async (...draws: number[]) => {
    await engine.step(
      draws.map((most, i) =>
        counts[i] === 0
          ? { ...rows[i]!, draws: most }
          : { sequence: rows[i]!.sequence, draws: most }
      ),
    );
    draws.forEach((most, i) => counts[i] = Math.min(90, counts[i]! + most));
    rows.forEach(({ sequence }, i) => {
      assert.equal(sequence.samples.length, counts[i]);
      assert.equal(sequence.isDone, counts[i] === 90);
    });
  };
  await step(1, 4); // both fed, one goes on
  await step(5, 0);
  await step(2, 1, 6); // one fed beside two that go on
  await step(1, 70, 2);
  await step(85, 90, 82);
  rows.forEach(({ sequence }, i) =>
    assert.deepEqual(
      sequence.samples.map(({ token }) => token),
      free[i]!.sequence.samples.map(({ token }) => token),
    )
  );
});
