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
      { part: "sketch_name/decoder", weights },
      {
        part: "sketch_name/decoder",
        options: { layers: 3, width: 18, heads: 3, vocabulary: 50 },
      },
    ],
  });
  report.throwIfFailed();
});
