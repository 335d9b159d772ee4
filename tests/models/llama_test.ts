import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { assemble } from "../../plugins/assemble.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import smollm2 from "../golden/models/smollm2.json" with { type: "json" };
import { smollm2Path } from "../support/weights.ts";
import { chunkOf, largestDifference } from "./compare.ts";

const GOLDEN = new URL("../golden/models/", import.meta.url);

for (const name of ["llama_tied", "llama_untied"]) {
  for (const choice of ["auto", "cpu"] as const) {
    Deno.test(`${name}: logits equal PyTorch's on ${choice}, padded rows too`, async () => {
      const folder = new URL(name, GOLDEN).pathname;
      using device = await createDevice({ device: choice });
      using model = await assemble(folder, { device });
      const inputs = await readSafetensors(`${folder}/inputs.safetensors`);
      const golden = await readSafetensors(`${folder}/logits.safetensors`);
      const ids = inputs.get("input_ids")!,
        mask = inputs.get("attention_mask")!;
      const logits = golden.get("logits")!.values as Float32Array;
      const [rows, length] = ids.shape as [number, number];
      for (let row = 0; row < rows; row++) {
        const kept = Array.from({ length }, (_, i) => row * length + i)
          .filter((at) => Number(mask.values[at]) === 1);
        const sequence = model.engine.open();
        const tokens = kept.map((at) => Number(ids.values[at]));
        const own = await model.engine.logits(sequence, chunkOf(tokens));
        const expected = kept.flatMap((
          at,
        ) => [...logits.subarray(at * 131, (at + 1) * 131)]);
        assert.ok(largestDifference(own, expected) <= 1e-3);
        model.engine.close(sequence);
      }
    });
  }
}

Deno.test("SmolLM2: top-20 logits and 64 greedy tokens equal PyTorch's", async () => {
  using device = await createDevice();
  using model = await assemble(await smollm2Path(), { device });
  for (const { ids, top, greedy } of smollm2.cases) {
    const seen = model.engine.open();
    const logits = await model.engine.logits(seen, chunkOf(ids));
    const last = logits.subarray((ids.length - 1) * 49152);
    for (const [token, value] of top as [number, number][]) {
      assert.ok(Math.abs(last[token]! - value) <= 5e-3);
    }
    model.engine.close(seen);
    // The reference was told to go on for 64 tokens, so its end mark is banned.
    const sequence = model.engine.open({ maxTokens: 64, banned: [2] });
    await model.engine.step([{ sequence, chunk: chunkOf(ids), draws: 64 }]);
    assert.deepEqual(sequence.samples.map(({ token }) => token), greedy);
    model.engine.close(sequence);
  }
});
