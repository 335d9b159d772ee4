import assert from "node:assert/strict";
import {
  assemble,
  createDevice,
  type Device,
  outlineModel,
  parseConfig,
  predictForward,
} from "../../mod.ts";
import { tinyConfigJson, tinyPlugins } from "../support/tiny_model.ts";

/** The tiny Flamingo with rows of whole blocks, so that all formats are made. */
function smallConfig(hasIds: boolean = true) {
  const json = tinyConfigJson();
  const language = json["language"] as Record<string, unknown>;
  const { tokenizer: _, ...rest } = json;
  return parseConfig({
    ...rest,
    language: { ...language, width: 64, headDim: 16, ffnWidth: 96 },
    tokens: hasIds ? { imageId: 90, endOfChunkId: 91 } : json["tokens"],
  }, "made up");
}

async function forwardOn(
  device: Device,
  options: {
    readonly synthetic: number;
    readonly streamLayers?: boolean;
    readonly dtype?: "f16" | "q4_1";
  },
) {
  const { dtype = "q4_1", ...rest } = options;
  using model = await assemble(smallConfig(), {
    device,
    dtype,
    plugins: tinyPlugins(),
    engine: { tokens: 64, context: 64, pictures: 2 },
    ...rest,
  });
  const { engine } = model;
  const { px } = engine.stack.eyes!.vision;
  const sequence = engine.open();
  for (const step of [0.01, 0.02]) {
    const pixels = Float32Array.from(
      { length: 3 * px * px },
      (_, i) => Math.sin(i * step),
    );
    await engine.addPictures(sequence, [pixels]);
  }
  const tokens = [1, 2, 3, 4, 5, 6, 7, 8];
  const media = [1, 1, 1, 1, 2, 2, 2, 2];
  const logits = await engine.logits(sequence, { tokens, media });
  return { logits, heldBytes: device.memory.heldBytes };
}

Deno.test("assemble({ synthetic }) makes the same model of the same seed, streamed or not", async () => {
  using device = await createDevice();
  const { logits } = await forwardOn(device, { synthetic: 4 });
  assert.ok(logits.every(Number.isFinite));
  assert.ok(new Set(logits).size > 100);
  const streamed = await forwardOn(device, {
    synthetic: 4,
    streamLayers: true,
  });
  assert.deepEqual(streamed.logits, logits);
  const other = await forwardOn(device, { synthetic: 5 });
  assert.notDeepEqual(other.logits, logits);
  const halves = await forwardOn(device, { synthetic: 4, dtype: "f16" });
  assert.notDeepEqual(halves.logits, logits);
});

Deno.test("assemble({ synthetic }) gives the CPU device the same weights", async () => {
  using device = await createDevice();
  using cpu = await createDevice({ device: "cpu" });
  const expected = await forwardOn(cpu, { synthetic: 4 });
  const actual = await forwardOn(device, { synthetic: 4 });
  actual.logits.forEach((value, i) => {
    assert.ok(Math.abs(value - expected.logits[i]!) < 1e-3, `logit ${i}`);
  });
});

Deno.test("assemble({ synthetic }) needs no tokenizer for marks that are texts", async () => {
  using device = await createDevice({ device: "cpu" });
  using model = await assemble(smallConfig(false), {
    device,
    plugins: tinyPlugins(),
    synthetic: 1,
  });
  assert.equal(model.tokenizer.hasText, false);
  assert.equal(model.marks, undefined);
});

Deno.test("predictForward() foretells the bytes that a streamed model holds", async () => {
  using device = await createDevice();
  const outline = await outlineModel(smallConfig(), {
    plugins: tinyPlugins(),
  });
  const { profile } = device;
  const shape = { tokens: 8, pictures: 2, dtype: "int4", profile } as const;
  const { bytes, seconds, flops, context } = predictForward(outline, shape);
  assert.equal(seconds, null);
  assert.equal(context, 64);
  assert.ok(flops > 0 && bytes.moved > bytes.staging);
  const { heldBytes } = await forwardOn(device, {
    synthetic: 1,
    streamLayers: true,
  });
  const ratio = heldBytes / bytes.total;
  assert.ok(ratio > 0.95 && ratio < 1.05, `${heldBytes} of ${bytes.total}`);
  const rate = { narrow: 1e9, wide: 1e9, pointwise: 1e9, conv: 1e9 };
  const rates = { flops: rate, fillBytes: 1e9 };
  const timed = predictForward(outline, { ...shape, rates });
  const expected = (flops + bytes.moved) / 1e9;
  assert.ok(Math.abs(timed.seconds! - expected) < 1e-9 * expected);
});

Deno.test("predictForward() refuses more tokens than a chunk with logits has", async () => {
  using device = await createDevice({ device: "cpu" });
  const outline = await outlineModel(smallConfig(), {
    plugins: tinyPlugins(),
  });
  const { profile } = device;
  for (const tokens of [0, 33]) {
    const shape = { tokens, pictures: 1, dtype: "int4", profile } as const;
    assert.throws(() => predictForward(outline, shape), {
      code: "usage",
      message: new RegExp(`${tokens} tokens`),
    });
  }
});
