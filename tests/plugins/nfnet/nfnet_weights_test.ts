import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import type { StoredTensor } from "../../../core/stored_tensor.ts";
import { valuesOf } from "../../../plugins/computed_tensor.ts";
import { haikuName } from "../../../plugins/nfnet/haiku_name.ts";
import { nfnetWeights } from "../../../plugins/nfnet/nfnet_weights.ts";

const FILE = { depths: [1, 2], hasFinalConv: true };

function made(
  tensors: Record<string, [shape: number[], values: number[]]>,
): Map<string, StoredTensor> {
  return new Map(
    Object.entries(tensors).map(([name, [shape, values]]) => [
      name,
      inMemory(name, shape, Float32Array.from(values)),
    ]),
  );
}

async function checkValues(
  tensor: StoredTensor | undefined,
  shape: number[],
  expected: number[],
): Promise<void> {
  assert.deepEqual(tensor!.shape, shape);
  const values = await valuesOf(tensor!);
  values.forEach((value, i) => {
    assert.ok(Math.abs(value - expected[i]!) < 1e-6, `${values}`);
  });
}

Deno.test("nfnetWeights() standardises convolutions of the PyTorch port", async () => {
  const weights = nfnetWeights(
    made({
      // Two outputs of four values: means 3 and 0; the second hardly varies.
      "stem.conv1.weight": [[2, 2, 1, 2], [
        ...[1, 1, 5, 5],
        ...[0.001, -0.001, 0.001, -0.001],
      ]],
      "stem.conv1.gain": [[2, 1, 1, 1], [8, 0.01]],
      "stem.conv1.bias": [[2], [1, 2]],
      "final_conv.weight": [[1, 2, 1, 1], [3, 1]],
      "final_conv.gain": [[1, 1, 1, 1], [1]],
      "stages.0.0.attn_last.fc1.weight": [[1, 2, 1, 1], [5, 6]],
      "head.fc.weight": [[1, 2], [0, 0]],
      "odd": [[1], [0]],
    }),
    FILE,
  );
  assert.deepEqual([...weights.keys()], [
    "stem.conv1.weight",
    "stem.conv1.bias",
    "final_conv.weight",
    "stages.0.0.attn_last.fc1.weight",
    "odd",
  ]);
  // N·σ² is 16 for the first, and 4e-6, raised to 1e-4, for the second.
  await checkValues(weights.get("stem.conv1.weight"), [1, 2, 2, 2], [
    ...[-4, 0.001, 4, 0.001],
    ...[-4, -0.001, 4, -0.001],
  ]);
  const half = Math.SQRT1_2;
  await checkValues(weights.get("final_conv.weight"), [1, 2], [half, -half]);
  const squeeze = weights.get("stages.0.0.attn_last.fc1.weight");
  await checkValues(squeeze, [1, 2], [5, 6]);
});

Deno.test("nfnetWeights() reads axes of the original training", async () => {
  const weights = nfnetWeights(
    made({
      "NFNet/~/stem_conv0/w": [[1, 2, 2, 2], [1, 0, 5, 0, 1, 1, 5, 1]],
      "NFNet/~/stem_conv0/gain": [[2], [8, 1]],
      "NFNet/~/nf_block_1/~/conv2/w": [[1, 1, 2, 1], [3, 1]],
      "NFNet/~/nf_block_1/~/conv2/gain": [[1], [2]],
      "NFNet/~/nf_block_2/~/squeeze_excite/~/linear_1/w": [[2, 2], [
        ...[1, 2],
        ...[3, 4],
      ]],
      "NFNet/~/nf_block/skip_gain": [[], [0.5]],
      "NFNet/~/final_conv/w": [[1, 1, 1, 1], [1]],
      "NFNet/~/linear/w": [[1, 1], [1]],
    }),
    { ...FILE, hasFinalConv: false },
  );
  const half = Math.SQRT1_2;
  await checkValues(weights.get("stem.conv1.weight"), [1, 2, 2, 2], [
    ...[-4, -0.5, 4, -0.5],
    ...[-4, 0.5, 4, 0.5],
  ]);
  const conv = weights.get("stages.1.0.conv3.weight");
  await checkValues(conv, [1, 2], [2 * half, -2 * half]);
  const linear = weights.get("stages.1.1.attn_last.fc2.weight");
  await checkValues(linear, [2, 2], [1, 3, 2, 4]);
  await checkValues(weights.get("stages.0.0.skipinit_gain"), [], [0.5]);
  assert.equal(weights.size, 4);
});

Deno.test("nfnetWeights() says which gains are missing or do not fit", () => {
  const lacking = made({ "stem.conv1.weight": [[1, 1, 1, 1], [1]] });
  assert.throws(
    () => nfnetWeights(lacking, FILE),
    /file lacks stem\.conv1\.gain/,
  );
  const wrong = made({
    "stem.conv1.weight": [[2, 1, 1, 1], [1, 2]],
    "stem.conv1.gain": [[3], [1, 1, 1]],
  });
  assert.throws(
    () => nfnetWeights(wrong, FILE),
    /stem\.conv1\.weight \[2, 1, 1, 1\] with gain stem\.conv1\.gain \[3\]/,
  );
});

Deno.test("haikuName() counts blocks through the stages", () => {
  const name = (path: string) => haikuName(`NFNet/~/${path}`, [2, 1]);
  assert.equal(name("nf_block/~/conv1b/w"), "stages.0.0.conv2b.weight");
  assert.equal(name("nf_block_1/~/conv0/bias"), "stages.0.1.conv1.bias");
  assert.equal(
    name("nf_block_2/~/conv_shortcut/gain"),
    "stages.1.0.downsample.conv.gain",
  );
  assert.equal(
    name("nf_block_2/~/squeeze_excite/~/linear/b"),
    "stages.1.0.attn_last.fc1.bias",
  );
  assert.equal(name("stem_conv3/w"), "stem.conv4.weight");
  assert.equal(name("nf_block_3/~/conv0/w"), undefined);
  assert.equal(name("nf_block_1/~/conv7/w"), undefined);
  assert.equal(name("nf_block_1/other"), undefined);
  assert.equal(haikuName("stem.conv1.weight", [2, 1]), undefined);
});
