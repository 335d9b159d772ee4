import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import type { StoredFormat, StoredTensor } from "../../core/stored_tensor.ts";
import { openGguf } from "../../plugins/gguf/reader.ts";
import { layoutFor, loadWeights } from "../../plugins/load_weights.ts";
import { goldenPath } from "./golden_checkpoint.ts";

Deno.test("layoutFor() keeps what the file holds", () => {
  const kept = (format: StoredFormat) => layoutFor(format).name;
  assert.deepEqual(
    (["f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "q4_k", "q6_k"] as const)
      .map(kept),
    ["f32", "f16", "f32", "q8_0", "q4_1", "q4_1", "q4_1", "f16"],
  );
});

function matched(name: string, stored: StoredTensor, isPacked = true) {
  return { need: { name, shape: stored.shape, isPacked }, stored };
}

Deno.test("loadWeights() takes a precision for each slot", async () => {
  using device = await createDevice({ device: "cpu" });
  const stored = inMemory("w", [4, 32], new Float32Array(128).fill(0.1));
  const weights = await loadWeights(device, [
    matched("language/w", stored),
    matched("vision/w", stored),
    matched("vision/norm", stored, false),
  ], { dtype: { language: "q8_0" } });
  assert.deepEqual(
    [...weights.values()].map(({ layout }) => layout?.name),
    ["q8_0", "f32", undefined],
  );
});

Deno.test("loadWeights() releases what it loaded when one fails", async () => {
  using device = await createDevice({ device: "cpu" });
  const good = inMemory("w", [4, 32], new Float32Array(128));
  const bad = {
    ...good,
    read: () => Promise.reject(new Error("the disk is gone")),
  };
  const weights = [matched("language/a", good), matched("language/b", bad)];
  await assert.rejects(
    loadWeights(device, weights, { dtype: "stored" }),
    /the disk is gone/,
  );
  assert.equal(device.memory.heldBytes, 0);
});

Deno.test("loadWeights() keeps K quants small", async () => {
  using device = await createDevice({ device: "cpu" });
  using checkpoint = await openGguf(goldenPath("k_quants.gguf"));
  const load = async (name: string, dtype: "stored" | "f32") => {
    const stored = checkpoint.tensors.get(name)!;
    const small = {
      ...stored,
      shape: [1, 512],
      sizeBytes: stored.sizeBytes / 3,
    };
    const weights = await loadWeights(device, [matched("language/w", small)], {
      dtype,
    });
    return weights.get("language/w")!.layout?.name;
  };
  assert.equal(await load("w.q4_k", "stored"), "q4_1");
  assert.equal(await load("w.q4_k", "f32"), "f32");
  assert.equal(await load("w.q6_k", "f32"), "f32");
  // Its random scales are far beyond what a model has, which is said.
  await assert.rejects(load("w.q6_k", "stored"), /in halves.*load it as f32/);
});
