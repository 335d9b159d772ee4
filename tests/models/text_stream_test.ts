import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { Engine } from "../../models/generation/engine.ts";
import type { Sequence } from "../../models/generation/sequence.ts";
import { generate } from "../../models/generation/generate.ts";
import { TextStream } from "../../models/generation/text_stream.ts";
import { describe, describeAll } from "../../models/tasks/caption.ts";
import { tokenizerFromFolder } from "../../plugins/tokenizer/from_folder.ts";
import { goldenTokenizerPath } from "../plugins/tokenizer/golden_strings.ts";
import {
  tinyFlamingo,
  tinyLanguageModel,
  tinyPicture,
} from "../support/tiny_model.ts";
import { chunkOf, largestDifference } from "./compare.ts";

const tokenizer = await tokenizerFromFolder(goldenTokenizerPath("tiny"));

/** An engine of a language model in which nothing is run. */
async function opened(): Promise<{ engine: Engine } & Disposable> {
  const stack = new DisposableStack();
  const device = stack.use(await createDevice({ device: "cpu" }));
  const { engine } = stack.use(await tinyLanguageModel(device));
  return { engine, [Symbol.dispose]: () => stack.dispose() };
}

/** As if a step had drawn these tokens. */
function draw(sequence: Sequence, tokens: readonly number[]): void {
  sequence.samples.push(...tokens.map((token) => ({ token, logprob: -1 })));
  sequence.hasPending = true;
}

Deno.test("TextStream finds stop strings across tokens and within characters", async () => {
  using tested = await opened();
  const text = "déjà vu: a fox 🦊 sleeps";
  const ids = tokenizer.encode(text);
  // Bytes of one character are several tokens here.
  assert.ok(tokenizer.encode("🦊").length >= 4);
  for (
    const [stops, expected] of [
      [["🦊"], "déjà vu: a fox "],
      [["jà v"], "dé"],
      [["à", "é"], "d"],
      [["fox 🦊 s"], "déjà vu: a "],
      [["wolf", "🦊🦊"], text],
    ] as const
  ) {
    const sequence = tested.engine.open({ stopStrings: stops });
    const stream = new TextStream(sequence, tokenizer);
    let own = "";
    for (const id of ids) {
      if (sequence.isDone) break;
      draw(sequence, [id]);
      own += stream.take().text;
    }
    assert.equal(own + stream.end(), expected, stops.join());
    assert.equal(sequence.isDone, expected !== text);
  }
});

Deno.test("TextStream tells what was drawn, and drops what came after a stop", async () => {
  using tested = await opened();
  const ids = tokenizer.encode("one two three four");
  const sequence = tested.engine.open({ stopStrings: ["two"] });
  sequence.past.push(5, 6);
  draw(sequence, [ids[0]!]);
  const stream = new TextStream(sequence, tokenizer);
  draw(sequence, ids.slice(1));
  // All but the last were fed.
  sequence.past.push(...ids.slice(0, -1));
  const { text, tokens, samples } = stream.take();
  assert.ok(sequence.isDone && sequence.hasPending);
  assert.equal(stream.end(), "");
  assert.equal(tokens, samples.length);
  assert.deepEqual(sequence.samples.slice(1), samples);
  const kept = sequence.samples.map(({ token }) => token);
  assert.deepEqual(kept, ids.slice(0, kept.length));
  // The token that completes the stop string is the last that counts.
  assert.match(tokenizer.decode(kept), /two$/);
  assert.doesNotMatch(tokenizer.decode(kept.slice(0, -1)), /two/);
  assert.equal(
    text.trim(),
    tokenizer.decode(ids.slice(1, 99)).split("two")[0]!.trim(),
  );
  assert.deepEqual(sequence.past, [5, 6, ...kept.slice(0, -1)]);
});

for (const name of ["auto", "cpu"] as const) {
  Deno.test(`generate() stops at a text, and the sequence goes on rightly on ${name}`, async () => {
    using device = await createDevice({ device: name });
    using model = await tinyLanguageModel(device);
    const { engine } = model;
    const prompt = chunkOf([40, 41, 42]);
    const run = async (stopStrings: string[]) => {
      const sequence = engine.open({ maxTokens: 40, stopStrings });
      const pieces = [];
      const all = generate(engine, sequence, prompt, model.tokenizer);
      for await (const piece of all) pieces.push(piece);
      return { sequence, pieces };
    };
    const free = await run([]);
    const text = model.textOf(free.sequence);
    assert.equal(text.length, 40);
    assert.equal(free.pieces.map((piece) => piece.text).join(""), text);
    const stop = text.slice(20, 23);
    const { sequence, pieces } = await run(["~~", stop]);
    const at = text.indexOf(stop);
    assert.equal(pieces.map((piece) => piece.text).join(""), text.slice(0, at));
    assert.equal(model.textOf(sequence), text.slice(0, at));
    assert.equal(sequence.samples.length, at + 3);
    assert.deepEqual(
      pieces.flatMap((piece) => piece.samples),
      sequence.samples,
    );
    // Later blocks had drawn more; the pages behind are written anew.
    const next = chunkOf([50, 51, 52, 53]);
    const drawn = sequence.samples.map(({ token }) => token);
    const whole = chunkOf([40, 41, 42, ...drawn, 50, 51, 52, 53]);
    await engine.step([{ sequence, chunk: next, draws: 0 }]);
    assert.deepEqual(sequence.past, whole.tokens);
    const more = await engine.logits(sequence, chunkOf([7]));
    const fresh = engine.open();
    await engine.step([{ sequence: fresh, chunk: whole, draws: 0 }]);
    const same = await engine.logits(fresh, chunkOf([7]));
    assert.ok(largestDifference(more, same) <= 1e-4);
  });
}

Deno.test("captions take every setting, one by one and side by side", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const queries = [0, 1, 2].map((seed) => ({ image: tinyPicture(seed) }));
  const base = { maxTokens: 12, topLogprobs: 2 };
  const plain = await describe(model, queries[0]!, base);
  assert.equal(plain.samples.length, plain.tokens);
  assert.ok(plain.samples.every(({ top }) => top!.length === 2));
  const stop = plain.text[3]!;
  const [often] = model.tokenizer.encode(stop);
  for (
    const settings of [
      { stopStrings: [stop, "qq"] },
      { temperature: 1.5, topK: 40, topP: 0.9, minP: 0.01, seed: 9 },
      { frequencyPenalty: 1.5, presencePenalty: 0.5, repetitionPenalty: 1.2 },
      { logitBias: { [often!]: -Infinity, 61: 2 }, banned: [62] },
    ]
  ) {
    const alone = [];
    for (const query of queries) {
      const { text } = await describe(model, query, { ...base, ...settings });
      alone.push(text);
    }
    const together = await describeAll(
      model,
      queries.map((query) => ({ query })),
      { ...base, ...settings },
    );
    assert.deepEqual(together, alone);
    if ("stopStrings" in settings) {
      assert.equal(alone[0], plain.text.slice(0, plain.text.indexOf(stop)));
    } else assert.notEqual(alone[0], plain.text);
  }
});
