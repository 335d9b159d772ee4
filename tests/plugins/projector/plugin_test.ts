import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import { projectorPlugin } from "../../../plugins/projector/plugin.ts";
import type { Part } from "../../../plugins/plugin.ts";

const CONTEXT = {
  source: undefined,
  neighbours: { vision: { px: 4, positions: 3, width: 14 } },
  overrides: new Map<string, readonly number[]>(),
};

function partOf(name: string): Part<"resampler"> {
  const found = projectorPlugin().parts.find((part) => part.name === name);
  return found as Part<"resampler">;
}

/** Names that a file's tensors get. */
async function renamed(part: string, ...names: string[]): Promise<string[]> {
  const tensors = new Map(
    names.map((name) => [name, inMemory(name, [1], new Float32Array(1))]),
  );
  const checkpoint = {
    path: "llava",
    tensors,
    metadata: {},
    [Symbol.dispose]: () => {},
  };
  return [...(await partOf(part).weights!(checkpoint, {}, CONTEXT)).keys()];
}

Deno.test("projectors read names of transformers and of LLaVA", async () => {
  const hf = "multi_modal_projector.linear_2.bias";
  assert.deepEqual(await renamed("mlp", hf), ["linear_2.bias"]);
  assert.deepEqual(await renamed("mlp", `model.${hf}`), ["linear_2.bias"]);
  assert.deepEqual(
    await renamed("mlp", "mm_projector.0.weight", "mm_projector.2.weight"),
    ["linear_1.weight", "linear_2.weight"],
  );
  assert.deepEqual(
    await renamed("linear", "model.mm_projector.weight"),
    ["linear_1.weight"],
  );
});

Deno.test("projectors leave a whole model's other tensors, but report their own", async () => {
  const own = "model.mm_projector.4.weight";
  const other = "model.layers.0.mlp.up_proj.weight";
  assert.deepEqual(await renamed("mlp", own, other), ["linear_3.weight"]);
  assert.deepEqual(await renamed("mlp", "surprise"), ["surprise"]);
});

Deno.test("identity has the features' sizes and no weights", async () => {
  const { latents, width, frames } = await partOf("identity").build(
    {},
    CONTEXT,
  );
  assert.deepEqual([latents, width, frames], [3, 14, 1]);
});
