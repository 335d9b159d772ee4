import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import type { Device } from "../../core/device.ts";
import type { RookeryError } from "../../core/errors.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { drawFailure } from "../../models/generation/draw_failure.ts";
import type { SamplerSettings } from "../../models/generation/sampler_settings.ts";
import type { Sequence } from "../../models/generation/sequence.ts";
import { CONTROL_ERROR } from "../../ops/control_row.ts";
import { valuesOf } from "../../plugins/computed_tensor.ts";
import { tinyLanguageModel } from "../support/tiny_model.ts";
import { TINY, tinyWeights } from "../support/tiny_weights.ts";
import { chunkOf } from "./compare.ts";

const DEVICES = ["auto", "cpu"] as const;
const EMBEDDING = "model.embed_tokens.weight";

/** Whoever reads this token gets NaN. */
const POISON = 94;

/** A model in which one token's embedding is NaN. */
async function poisonedModel(device: Device): Promise<Flamingo> {
  const { language } = tinyWeights({ gates: 0, seed: 1 });
  const stored = language.get(EMBEDDING)!;
  const values = await valuesOf(stored);
  values[POISON * TINY.width + 5] = NaN;
  const poisoned = inMemory(EMBEDDING, stored.shape, values);
  const weights = { language: new Map([...language, [EMBEDDING, poisoned]]) };
  return await tinyLanguageModel(device, { weights });
}

const row = (
  { engine }: Flamingo,
  tokens: readonly number[],
  settings: SamplerSettings = {},
) => ({
  sequence: engine.open({ maxTokens: 6, banned: [POISON], ...settings }),
  chunk: chunkOf(tokens),
  draws: 6,
});

const tokensOf = ({ samples }: Sequence) => samples.map(({ token }) => token);

function checkFailed(failure: RookeryError | undefined, draw: number): void {
  assert.equal(failure?.code, "numeric");
  assert.match(failure!.message, new RegExp(`draw token ${draw} of a .* NaN`));
}

for (const name of DEVICES) {
  Deno.test(`step() ends the row whose logits go wrong and no other on ${name}`, async () => {
    using device = await createDevice({ device: name });
    using model = await poisonedModel(device);
    const { engine } = model;
    const good = [[5, 6, 7], [40, 41], [60, 3, 9, 12, 70]];
    const alone: number[][] = [];
    for (const tokens of good) {
      const one = row(model, tokens);
      await engine.step([one]);
      assert.equal(one.sequence.failure, undefined);
      alone.push(tokensOf(one.sequence));
      engine.close(one.sequence);
    }
    const bad = row(model, [5, POISON, 7]);
    // It draws the poison first, and cannot read it.
    const late = row(model, [8, 9], {
      banned: [],
      logitBias: { [POISON]: 100 },
    });
    const rows = good.map((tokens) => row(model, tokens));
    await engine.step([rows[0]!, bad, rows[1]!, late, rows[2]!]);
    assert.deepEqual(rows.map(({ sequence }) => tokensOf(sequence)), alone);
    checkFailed(bad.sequence.failure, 1);
    assert.deepEqual(tokensOf(bad.sequence), []);
    checkFailed(late.sequence.failure, 2);
    assert.deepEqual(tokensOf(late.sequence), [POISON]);
    assert.deepEqual(late.sequence.past, [8, 9, POISON]);
    for (const { sequence } of [bad, late]) {
      assert.ok(sequence.isDone && !sequence.hasPending);
      engine.close(sequence);
    }
    // What they left in their pages harms nobody.
    const again = good.map((tokens) => row(model, tokens));
    await engine.step(again);
    assert.deepEqual(again.map(({ sequence }) => tokensOf(sequence)), alone);
  });
}

Deno.test("generate() throws its sequence's failure after the text before it", async () => {
  using device = await createDevice({ device: "cpu" });
  using model = await poisonedModel(device);
  const settings = { maxTokens: 4, logitBias: { [POISON]: 100 } };
  const pieces = model.generate([{ text: "ab" }], settings);
  let text = "";
  await assert.rejects(async () => {
    for await (const piece of pieces) text += piece.text;
  }, { name: "RookeryError", code: "numeric" });
  assert.equal(text, model.tokenizer.decode([POISON]));
  assert.equal(text.length, 1);
});

Deno.test("drawFailure() tells logits gone wrong from logits that rule out all", () => {
  const { notFinite, nothingLeft } = CONTROL_ERROR;
  checkFailed(drawFailure(notFinite, 2), 3);
  const { code, message } = drawFailure(nothingLeft, 0);
  assert.equal(code, "numeric");
  assert.match(message, /token 1 .* not banned has a logit of −∞: ban fewer/);
});
