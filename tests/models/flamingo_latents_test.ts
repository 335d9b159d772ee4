import assert from "node:assert/strict";
import { createDevice, type DeviceOptions } from "../../core/create_device.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { assemble } from "../../plugins/assemble.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { parseConfig } from "../../plugins/parse_config.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { chunkOf, largestDifference } from "./compare.ts";
import { passThrough } from "./pass_through.ts";

const FOLDER = new URL("../golden/models/flamingo/", import.meta.url);
const IMAGE = 95, VOCABULARY = 96, PIXELS = 3 * 8 * 8, PICTURES = 3;
const golden = await readSafetensors(
  new URL("odd_case.safetensors", FOLDER).pathname,
);
const valuesOf = (name: string) =>
  golden.get(name)!.values as Float32Array<ArrayBuffer>;
const [ROWS, LENGTH] = golden.get("input_ids")!.shape as [number, number];

/** Five latents a picture: no multiple of four. */
function configOf(attendTo: "latest" | "all"): Record<string, unknown> {
  const dialect = "open_flamingo";
  return {
    kind: "flamingo",
    schema: 1,
    name: "odd",
    vision: { part: "pass_through/encoder" },
    image: {},
    resampler: { dialect, depth: 1, latents: 5, heads: 2, headDim: 8 },
    language: { part: "llama/decoder", weights: "." },
    crossAttention: { dialect, layers: [1], heads: 2, headDim: 10, attendTo },
    bridge: { format: "open_flamingo", weights: "odd_bridge.safetensors" },
    tokens: { imageId: IMAGE, endOfChunkId: 94 },
    prompt: {},
  };
}

async function logitsOf(
  { engine }: Flamingo,
  row: number,
): Promise<Float32Array> {
  const tokens = [...golden.get("input_ids")!.values].map(Number)
    .slice(row * LENGTH, (row + 1) * LENGTH);
  let pictures = 0;
  const media = tokens.map((token) => token === IMAGE ? ++pictures : pictures);
  const pixels = Array.from({ length: pictures }, (_, i) => {
    const at = (row * PICTURES + i) * PIXELS;
    return valuesOf("pixel_values").slice(at, at + PIXELS);
  });
  const sequence = engine.open();
  await engine.addPictures(sequence, pixels);
  return await engine.logits(sequence, chunkOf(tokens, media));
}

for (const choice of ["auto", "cpu"] as const) {
  for (const attendTo of ["latest", "all"] as const) {
    const name = `five latents a picture equal open_flamingo's, ${attendTo}`;
    Deno.test(`${name} on ${choice}`, async () => {
      const options: DeviceOptions = { device: choice };
      using device = await createDevice(options);
      using model = await assemble(parseConfig(configOf(attendTo), "odd"), {
        device,
        plugins: [...builtinPlugins(), passThrough()],
        base: FOLDER,
        // One picture at first: the cache grows while sequences are open.
        engine: { pictures: 1 },
      });
      for (let row = 0; row < ROWS; row++) {
        const size = LENGTH * VOCABULARY;
        const expected = valuesOf(`logits_${attendTo}`)
          .subarray(row * size, (row + 1) * size);
        const actual = await logitsOf(model, row);
        assert.ok(largestDifference(actual, expected) <= 1e-3);
      }
    });
  }
}
