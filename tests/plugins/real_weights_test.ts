import assert from "node:assert/strict";
import { decodeToF32 } from "../../core/decode_stored.ts";
import type { Checkpoint } from "../../core/stored_tensor.ts";
import { openCheckpoint } from "../support/open_checkpoint.ts";
import { tokenizerFromGguf } from "../../plugins/tokenizer/from_gguf.ts";
import { efficientnetLite0Path, smollm2Path } from "../support/weights.ts";
import { checkGoldenStrings } from "./tokenizer/golden_strings.ts";

const EMBEDDING_SUMS = ["-2.2541", "-0.4662"];
const DOWN_SUMS = ["-10.8383", "-5.2299"];
const CLASSIFIER_SUMS = ["-1.3628", "0.4099"];

function countFormats(checkpoint: Checkpoint): Record<string, number> {
  const groups = Map.groupBy(checkpoint.tensors.values(), (t) => t.format);
  return Object.fromEntries(
    groups.entries().map(([format, tensors]) => [format, tensors.length]),
  );
}

/** Values of a tensor's first row, and of its last. */
async function rows(
  checkpoint: Checkpoint,
  name: string,
): Promise<[Float32Array, Float32Array]> {
  const tensor = checkpoint.tensors.get(name)!;
  const rowBytes = tensor.sizeBytes / tensor.shape[0]!;
  const first = await tensor.read(0, rowBytes);
  const last = await tensor.read(
    tensor.sizeBytes - rowBytes,
    tensor.sizeBytes,
  );
  return [
    decodeToF32(tensor.format, first),
    decodeToF32(tensor.format, last),
  ];
}

Deno.test("openCheckpoint() reads the real SmolLM2", async () => {
  using checkpoint = await openCheckpoint(await smollm2Path());
  assert.deepEqual(countFormats(checkpoint), { q4_1: 210, q8_0: 1, f32: 61 });
  const embedding = checkpoint.tensors.get("token_embd.weight")!;
  assert.deepEqual(embedding.shape, [49152, 576]);
  // Sums of these rows by gguf.quants.dequantize.
  const sums = (await rows(checkpoint, "token_embd.weight")).map(sum);
  assert.deepEqual(sums.map((value) => value.toFixed(4)), EMBEDDING_SUMS);
  const down = (await rows(checkpoint, "blk.29.ffn_down.weight")).map(sum);
  assert.deepEqual(down.map((value) => value.toFixed(4)), DOWN_SUMS);
});

Deno.test("openCheckpoint() reads the real EfficientNet-Lite0", async () => {
  using checkpoint = await openCheckpoint(await efficientnetLite0Path());
  assert.equal(checkpoint.tensors.size, 296);
  const stem = checkpoint.tensors.get("_conv_stem.weight")!;
  assert.deepEqual(stem.shape, [32, 3, 3, 3]);
  // Sums of these rows by torch.
  const sums = (await rows(checkpoint, "_fc.weight")).map(sum);
  assert.deepEqual(sums.map((value) => value.toFixed(4)), CLASSIFIER_SUMS);
});

Deno.test("tokenizerFromGguf() agrees with Python on the real SmolLM2", async () => {
  const path = await smollm2Path();
  using checkpoint = await openCheckpoint(path);
  const tokenizer = tokenizerFromGguf(path, checkpoint.metadata);
  assert.equal(tokenizer.vocabularySize, 49152);
  checkGoldenStrings(tokenizer, "full");
});

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
