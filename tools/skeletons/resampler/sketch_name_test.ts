import { fileURLToPath } from "node:url";
import { checkPlugin, createDevice } from "@rookery/rookery";
import sketchNamePlugin from "./mod.ts";

Deno.test("sketch_name keeps the contract", async () => {
  using device = await createDevice();
  const weights = fileURLToPath(
    new URL("weights.safetensors", import.meta.url),
  );
  const report = await checkPlugin(sketchNamePlugin(), {
    device,
    cases: [
      {
        part: "sketch_name/resampler",
        weights,
        neighbours: { vision: { px: 32, positions: 9, width: 24 } },
      },
      { part: "sketch_name/resampler", options: { latents: 3, width: 10 } },
    ],
  });
  report.throwIfFailed();
});
