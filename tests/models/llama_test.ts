import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { assemble } from "../../plugins/assemble.ts";
import type { JsonObject } from "../../plugins/json_file.ts";
import smollm2 from "../golden/models/smollm2.json" with { type: "json" };
import { smollm2Path } from "../support/weights.ts";
import { checkLanguage } from "./check_language.ts";
import { chunkOf } from "./compare.ts";

/** As transformers 4 writes it. */
function versionFour(json: JsonObject): JsonObject {
  const { rope_parameters, dtype, ...rest } = json;
  const { rope_theta, rope_type, ...scaling } = rope_parameters as JsonObject;
  const rope_scaling = rope_type === "default"
    ? null
    : { ...scaling, type: rope_type };
  return { ...rest, torch_dtype: dtype, rope_theta, rope_scaling };
}

const FOLDERS = [
  "llama_tied",
  "llama_untied",
  "llama_linear",
  "llama_llama3",
  "llama_yarn",
  "llama_longrope",
  "llama_biases",
];

for (const name of FOLDERS) {
  checkLanguage(name, { configs: { "transformers 4": versionFour } });
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
