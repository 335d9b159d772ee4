import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import {
  BEAM_CANDIDATES,
  type BeamOptions,
  beamSearch,
} from "../../models/generation/beam_search.ts";
import type { Engine } from "../../models/generation/engine.ts";
import type { Chunk } from "../../models/generation/sequence.ts";
import { assemble } from "../../plugins/assemble.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";
import { chunkOf } from "./compare.ts";
import { FOLDER, opened, prompt } from "./open_llama.ts";

/** A search of transformers, see `make_beams.py`. */
interface GoldenSearch extends BeamOptions {
  readonly stop: readonly number[];
  /** Tokens and scores, the best first. */
  readonly found: readonly (readonly [tokens: number[], score: number])[];
}

const golden = JSON.parse(
  await Deno.readTextFile(
    new URL("../golden/models/beams.json", import.meta.url),
  ),
) as {
  readonly prompt: number[];
  readonly maxTokens: number;
  readonly cases: readonly GoldenSearch[];
};

for (const name of ["auto", "cpu"] as const) {
  Deno.test(`beamSearch() finds what transformers finds on ${name}`, async () => {
    using device = await createDevice({ device: name });
    using model = await assemble(FOLDER, { device });
    const { engine } = model;
    assert.ok(golden.cases.length >= 100);
    // All cases on the CPU, every seventh on a WebGPU device.
    const step = name === "cpu" ? 1 : 7;
    const pages = engine.memory().pages.free;
    for (let i = 0; i < golden.cases.length; i += step) {
      const { stop, found, ...options } = golden.cases[i]!;
      const sequence = engine.open({
        stop,
        maxTokens: golden.maxTokens,
        topLogprobs: BEAM_CANDIDATES,
      });
      const own = await beamSearch(engine, sequence, chunkOf(golden.prompt), {
        ...options,
        returned: options.beams,
      });
      const label = JSON.stringify({ stop, ...options });
      assert.deepEqual(
        own.map(({ tokens }) => tokens),
        found.map(([tokens]) => tokens),
        label,
      );
      own.forEach(({ tokens, score }, n) => {
        // In units of log-probability: a penalty below 0 multiplies them.
        const unit = tokens.length ** -options.lengthPenalty!;
        const error = Math.abs(score - found[n]![1]);
        assert.ok(error <= 1e-4 * Math.max(1, unit), `${label}: ${error}`);
      });
    }
    assert.equal(engine.memory().pages.free, pages);
  });
}

/** Beam search by its definition: whole texts fed anew, all logits. */
async function plainSearch(
  logitsOf: (tokens: readonly number[]) => Promise<Float32Array>,
  beams: number,
  length: number,
): Promise<{ tokens: number[]; sum: number }[]> {
  let all = [{ tokens: [] as number[], sum: 0 }];
  for (let step = 0; step < length; step++) {
    const next: typeof all = [];
    for (const { tokens, sum } of all) {
      const logits = await logitsOf(tokens);
      const most = Math.max(...logits);
      const total = logits.reduce((s, y) => s + Math.exp(y - most), 0);
      logits.forEach((y, token) =>
        next.push({
          tokens: [...tokens, token],
          sum: sum + y - most - Math.log(total),
        })
      );
    }
    all = next.sort((a, b) => b.sum - a.sum).slice(0, beams);
  }
  return all;
}

/** Logits after the last token of a chunk and some more. */
async function lastLogits(
  engine: Engine,
  sequence: ReturnType<Engine["open"]>,
  { tokens, media }: Chunk,
  more: readonly number[],
): Promise<Float32Array> {
  const seen = media.at(-1)!;
  const logits = await engine.logits(sequence, {
    tokens: [...tokens, ...more],
    media: [...media, ...more.map(() => seen)],
  });
  const { vocabulary } = engine.stack.language;
  return logits.slice(-vocabulary);
}

Deno.test("beamSearch() after pictures is the plain search over all logits", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const { engine } = model;
  const items = [
    { image: tinyPicture(1) },
    { text: "ab" },
    { image: tinyPicture(2) },
    { text: "a long text over more than one page of tokens" },
  ];
  const settings = { maxTokens: 5, topLogprobs: BEAM_CANDIDATES, stop: [] };
  const expected = await plainSearch(
    async (tokens) => {
      const { sequence, chunk } = await model.open(items, settings);
      try {
        const { banned } = sequence.sampler;
        const logits = await lastLogits(engine, sequence, chunk, tokens);
        // Chances are those of all tokens; banned ones are left out after.
        const most = Math.max(...logits);
        const total = logits.reduce((s, y) => s + Math.exp(y - most), 0);
        const own = logits.map((y) => y - most - Math.log(total));
        banned.forEach((token) => own[token] = -Infinity);
        return own;
      } finally {
        engine.close(sequence);
      }
    },
    3,
    settings.maxTokens,
  );
  const { sequence, chunk } = await model.open(items, settings);
  const found = await beamSearch(engine, sequence, chunk, {
    beams: 3,
    returned: 3,
    lengthPenalty: 0,
  });
  found.forEach(({ tokens, score }, i) => {
    assert.deepEqual(tokens, expected[i]!.tokens);
    assert.equal(score, found[i]!.sum);
  });
});

Deno.test("beamSearch() shares pages and gives all of them back, aborted too", async () => {
  using tested = await opened({ tokens: 16 * 12 });
  const { engine } = tested.model;
  const free = () => {
    const { pages } = engine.memory();
    return (pages.free + pages.kept) / 16;
  };
  const start = free();
  // 90 tokens are 6 pages; 8 beams of 6 pages each would not fit in 12.
  const size = engine.memory().pages.size;
  const open = () =>
    engine.open({ maxTokens: 6, topLogprobs: BEAM_CANDIDATES });
  const chunk = chunkOf(prompt(90, 1));
  await beamSearch(engine, open(), chunk, { beams: 6 });
  assert.equal(engine.memory().pages.size, size, "the pool did not grow");
  assert.equal(free(), start);
  const found = await beamSearch(engine, open(), chunk, {
    beams: 4,
    signal: AbortSignal.abort(),
  });
  assert.deepEqual(found, []);
  assert.equal(free(), start);
});

Deno.test("beamSearch() beyond the budget gives everything back", async () => {
  using device = await createDevice({ memoryBytes: 600 * 1024 });
  using model = await assemble(FOLDER, { device, engine: { tokens: 16 * 8 } });
  const { engine } = model;
  const open = () =>
    engine.open({ maxTokens: 4, topLogprobs: BEAM_CANDIDATES });
  const before = engine.memory().pages;
  await assert.rejects(
    beamSearch(engine, open(), chunkOf(prompt(240, 1)), { beams: 8 }),
    { code: "memory" },
  );
  const { free, kept, size } = engine.memory().pages;
  assert.equal(size - free - kept, before.size - before.free - before.kept);
  assert.ok(device.memory.heldBytes <= device.memory.budgetBytes);
  const [found] = await beamSearch(engine, open(), chunkOf([5, 6]), {
    beams: 2,
  });
  assert.ok(found!.tokens.length > 0);
});

Deno.test("beamSearch() refuses what it cannot search", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const chunk = chunkOf([1, 2]);
  const search = (settings: object, options: BeamOptions) =>
    beamSearch(
      engine,
      engine.open({ topLogprobs: BEAM_CANDIDATES, ...settings }),
      chunk,
      options,
    );
  const bad: readonly [object, BeamOptions, RegExp][] = [
    [{}, { beams: 9 }, /9 beams: it must be 1 to 8/],
    [{}, { beams: 0 }, /0 beams/],
    [{}, { beams: 2, returned: 3 }, /3 texts of 2 beams/],
    [{}, { beams: 2, lengthPenalty: NaN }, /length penalty NaN/],
    [{ temperature: 0.5 }, { beams: 2 }, /temperature 0\.5/],
    [{ repetitionPenalty: 2 }, { beams: 2 }, /penalties/],
    [{ topLogprobs: 0 }, { beams: 2 }, /topLogprobs 20/],
    [
      { stop: [1, 2], banned: Array.from({ length: 13 }, (_, i) => i) },
      { beams: 8 },
      /13 different stops and bans/,
    ],
  ];
  for (const [settings, options, message] of bad) {
    await assert.rejects(search(settings, options), { code: "usage", message });
  }
});
