import assert from "node:assert/strict";
import { checkSamplerSettings } from "../../models/generation/check_sampler.ts";
import type { SamplerSettings } from "../../models/generation/sampler_settings.ts";

const NUMBERS = [
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "temperature",
  "topK",
  "topP",
  "minP",
  "seed",
  "maxTokens",
  "topLogprobs",
] as const;

function refusal(settings: SamplerSettings, vocabulary = 40): string {
  try {
    checkSamplerSettings(settings, { vocabulary });
  } catch (error) {
    assert.equal((error as { code: string }).code, "usage");
    return (error as Error).message;
  }
  return "";
}

Deno.test("checkSamplerSettings() fills in what changes nothing", () => {
  assert.deepEqual(checkSamplerSettings({}), {
    logitBias: new Map(),
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
    banned: [],
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    seed: 0,
    stop: [],
    stopStrings: [],
    maxTokens: 64,
    topLogprobs: 0,
  });
});

Deno.test("checkSamplerSettings() takes biases by text keys, and −∞ as a ban", () => {
  const of = (logitBias: SamplerSettings["logitBias"]) =>
    checkSamplerSettings({ logitBias: logitBias!, banned: [3] }, {
      vocabulary: 40,
    });
  const asMap = of(new Map([[5, 2], [6, -Infinity], [7, 0]]));
  assert.deepEqual(of({ 5: 2, 6: -Infinity, 7: 0 }), asMap);
  assert.deepEqual(asMap.logitBias, new Map([[5, 2]]));
  assert.deepEqual(asMap.banned, [3, 6]);
});

Deno.test("checkSamplerSettings() refuses NaN in every number, by name", () => {
  for (const name of NUMBERS) {
    const message = refusal({ [name]: NaN });
    assert.match(
      message,
      new RegExp(`Cannot sample with ${name} NaN: it must`),
    );
    assert.match(
      refusal({ [name]: -1e9 }),
      new RegExp(`with ${name} -1000000`),
    );
  }
  const heat = /temperature .*: it must be 0, or from 0.000001 to 1000000/;
  assert.match(refusal({ temperature: Infinity }), heat);
  assert.match(refusal({ temperature: 1e-40 }), heat);
  // It would wrap around on the device.
  assert.match(refusal({ topK: 2 ** 32 + 1 }), /topK 4294967297: it must be/);
  assert.match(refusal({ logitBias: { 5: NaN } }), /logitBias of token 5 NaN/);
  assert.match(refusal({ logitBias: { 5: Infinity } }), /token 5 Infinity: it/);
});

Deno.test("checkSamplerSettings() refuses tokens that are not there", () => {
  assert.match(refusal({ logitBias: { 40: 1 } }), /token 40: .*, 0 to 39/);
  const named = JSON.parse('{ "x": 1 }') as Record<number, number>;
  assert.match(refusal({ logitBias: named }), /logitBias token NaN: it must/);
  assert.match(refusal({ banned: [-1] }), /banned token -1: it must be one of/);
  assert.equal(refusal({ banned: [39] }), "");
});

Deno.test("checkSamplerSettings() refuses to rule out everything, by bans and biases", () => {
  const banned = Array.from({ length: 39 }, (_, i) => i);
  assert.equal(refusal({ banned: [...banned, 5, 6] }), "");
  const all = /all 40 tokens ruled out by banned and logitBias: leave at least/;
  assert.match(refusal({ banned: [...banned, 39] }), all);
  assert.match(refusal({ banned, logitBias: { 39: -Infinity } }), all);
});

Deno.test("checkSamplerSettings() refuses empty stop strings and too many stop tokens", () => {
  const empty = refusal({ stopStrings: ["a", ""] });
  assert.match(empty, /stopStrings "": it must be a text that is not empty/);
  const stop = Array.from({ length: 33 }, (_, i) => i);
  assert.match(refusal({ stop }), /stop 33: it must be at most 32 tokens/);
  assert.equal(refusal({ stop: stop.slice(1) }), "");
});

Deno.test("checkSamplerSettings() calls settings what their writer does", () => {
  const nameOf = (name: string) => `my.${name}`;
  assert.throws(
    () => checkSamplerSettings({ topP: 3 }, { nameOf }),
    /sample with my.topP 3: it must be over 0/,
  );
});
