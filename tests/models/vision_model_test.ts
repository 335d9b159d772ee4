import assert from "node:assert/strict";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { largestDifference } from "./compare.ts";
import { openVision } from "./open_contrastive.ts";

const FOLDER =
  new URL("../golden/models/clip_vit_gelu", import.meta.url).pathname;

for (const choice of ["auto", "cpu"] as const) {
  Deno.test(`VisionModel: features of single pictures and of many on ${choice}`, async () => {
    const arrays = await readSafetensors(`${FOLDER}/case.safetensors`);
    const { shape: [count], values } = arrays.get("pixels")!;
    const size = values.length / count!;
    const pixels = Array.from(
      { length: 6 },
      (_, i) => {
        const start = i % count! * size;
        return (values as Float32Array<ArrayBuffer>).slice(start, start + size);
      },
    );
    const golden = arrays.get("last_hidden_state")!.values as Float32Array;
    const weights = FOLDER, vision = { tokens: "all" };
    using model = await openVision({ weights, vision }, choice);
    const all = await model.encode(pixels);
    const twice = Float32Array.of(...golden, ...golden);
    assert.ok(largestDifference(all, twice) <= 1e-4);
    const one = await model.encode([pixels[1]!]);
    const { positions, width } = model.vision;
    const features = positions * width;
    const expected = golden.subarray(features, 2 * features);
    assert.ok(largestDifference(one, expected) <= 1e-4);
    assert.equal((await model.encode([])).length, 0);
    await assert.rejects(
      model.encode([pixels[0]!, pixels[0]!.slice(1)]),
      /picture 1 as it has 5291 values: the encoder reads \[3, 42, 42\]/,
    );
  });
}
