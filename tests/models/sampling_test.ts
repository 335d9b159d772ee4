import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { SamplerSettings } from "../../models/generation/sampler_settings.ts";
import { assemble } from "../../plugins/assemble.ts";
import { chunkOf } from "./compare.ts";
import { FOLDER, opened, prompt, VOCABULARY } from "./open_llama.ts";

/** A text that transformers wrote, see `make_sampling.py`. */
interface GoldenText {
  readonly name: string;
  readonly settings: SamplerSettings;
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  /** Of the first tokens: ids and log-probabilities of the likeliest. */
  readonly top: readonly (readonly [number[], number[]])[];
}

const golden = JSON.parse(
  await Deno.readTextFile(
    new URL("../golden/models/sampling.json", import.meta.url),
  ),
) as { readonly prompt: number[]; readonly cases: readonly GoldenText[] };

function isClose(own: number, expected: number, bound: number): boolean {
  return Math.abs(own - expected) <= bound;
}

for (const name of ["auto", "cpu"] as const) {
  Deno.test(`texts, log-probabilities and lists equal those of transformers on ${name}`, async () => {
    using device = await createDevice({ device: name });
    using model = await assemble(FOLDER, { device });
    const { engine } = model;
    assert.ok(golden.cases.length >= 8);
    const rows = golden.cases.map(({ settings, tokens }) => ({
      sequence: engine.open({
        ...settings,
        topLogprobs: 20,
        maxTokens: tokens.length,
      }),
      chunk: chunkOf(golden.prompt),
      draws: tokens.length,
    }));
    await engine.step(rows);
    golden.cases.forEach(({ name, tokens, logprobs, top }, row) => {
      const { samples } = rows[row]!.sequence;
      assert.deepEqual(samples.map(({ token }) => token), tokens, name);
      samples.forEach(({ logprob }, i) =>
        assert.ok(isClose(logprob, logprobs[i]!, 5e-5), `${name} ${i}`)
      );
      top.forEach(([ids, expected], i) => {
        const own = samples[i]!.top!;
        assert.deepEqual(own.map(({ token }) => token), ids, `${name} ${i}`);
        own.forEach(({ logprob }, n) =>
          assert.ok(isClose(logprob, expected[n]!, 5e-5), `${name} ${i} ${n}`)
        );
      });
    });
  });
}

Deno.test("log-probabilities are the log-softmax of the model's own logits", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const tokens = prompt(11, 3);
  // What changes the draw leaves them as they are.
  const sequence = engine.open({
    temperature: 1.7,
    topK: 30,
    repetitionPenalty: 1.5,
    presencePenalty: 1,
    logitBias: { 7: 3 },
    banned: [9],
    topLogprobs: 20,
    maxTokens: 8,
    seed: 2,
  });
  await engine.step([{ sequence, chunk: chunkOf(tokens), draws: 8 }]);
  const drawn = sequence.samples.map(({ token }) => token);
  const all = [...tokens, ...drawn.slice(0, -1)];
  const logits = await engine.logits(engine.open(), chunkOf(all));
  sequence.samples.forEach(({ token, logprob, top }, i) => {
    const at = tokens.length - 1 + i;
    const row = logits.subarray(at * VOCABULARY, (at + 1) * VOCABULARY);
    const most = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
    const logSoftmax = Array.from(row, (x) => x - most - Math.log(sum));
    assert.ok(isClose(logprob, logSoftmax[token]!, 1e-5));
    const order = [...logSoftmax.keys()]
      .sort((a, b) => logSoftmax[b]! - logSoftmax[a]!);
    assert.deepEqual(top!.map(({ token }) => token), order.slice(0, 20));
    for (const each of top!) {
      assert.ok(isClose(each.logprob, logSoftmax[each.token]!, 1e-5));
    }
  });
});
