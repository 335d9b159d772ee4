import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import type { StoredTensor } from "../../../core/stored_tensor.ts";
import { valuesOf } from "../../../plugins/computed_tensor.ts";
import { efficientNetWeights } from "../../../plugins/efficientnet_lite/efficientnet_weights.ts";

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

/** A norm over two channels, with scales 2 and -1 after folding. */
function norm(at: string): Record<string, [number[], number[]]> {
  return {
    [`${at}.weight`]: [[2], [2, -1]],
    [`${at}.bias`]: [[2], [10, 20]],
    [`${at}.running_mean`]: [[2], [3, 4]],
    [`${at}.running_var`]: [[2], [0.999, 0.999]],
    [`${at}.num_batches_tracked`]: [[], [5]],
  };
}

Deno.test("efficientNetWeights() folds norms and reorders axes", async () => {
  const weights = efficientNetWeights(made({
    "_conv_stem.weight": [[2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]],
    ...norm("_bn0"),
    "_blocks.0._depthwise_conv.weight": [[2, 1, 1, 2], [1, 2, 3, 4]],
    ...norm("_blocks.0._bn1"),
    "_blocks.0._project_conv.weight": [[2, 3, 1, 1], [1, 2, 3, 4, 5, 6]],
    ...norm("_blocks.0._bn2"),
    "_fc.weight": [[1, 2], [0, 0]],
    "odd": [[1], [0]],
  }));
  assert.deepEqual([...weights.keys()].sort(), [
    "blocks.0.depthwise.bias",
    "blocks.0.depthwise.weight",
    "blocks.0.project.bias",
    "blocks.0.project.weight",
    "odd",
    "stem.bias",
    "stem.weight",
  ]);
  const check = async (name: string, shape: number[], expected: number[]) => {
    const tensor = weights.get(name)!;
    assert.deepEqual(tensor.shape, shape);
    const values = await valuesOf(tensor);
    values.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]!) < 1e-4, `${name}: ${values}`);
    });
  };
  await check("stem.weight", [1, 2, 2, 2], [2, -5, 6, -7, 4, -6, 8, -8]);
  await check("stem.bias", [2], [4, 24]);
  await check("blocks.0.depthwise.weight", [1, 2, 2], [2, -3, 4, -4]);
  await check("blocks.0.project.weight", [2, 3], [2, 4, 6, -4, -5, -6]);
});

Deno.test("efficientNetWeights() says which tensors of norms are missing", () => {
  const tensors = made({ "_conv_stem.weight": [[2, 1, 1, 1], [1, 2]] });
  assert.throws(
    () => efficientNetWeights(tensors),
    /lacks _bn0\.weight, _bn0\.bias, _bn0\.running_mean/,
  );
});
