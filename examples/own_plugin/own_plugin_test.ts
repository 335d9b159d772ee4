import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  assemble,
  builtinPlugins,
  checkPlugin,
  createDevice,
  type Device,
  parseConfig,
  type Picture,
  readSafetensors,
} from "@rookery/rookery";
import ownPlugin from "./mod.ts";

function at(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

const { vision, resampler } = JSON.parse(
  await Deno.readTextFile(at("model.json")),
);
const { part: _, weights: __, ...mixerSizes } = vision;
const { part: ___, weights: ____, ...abstractorSizes } = resampler;

Deno.test("the plugin keeps the contract", async () => {
  using device = await createDevice();
  const grid = { px: 24, positions: 16, width: 24 };
  const report = await checkPlugin(ownPlugin(), {
    device,
    cases: [
      {
        part: "own/mixer",
        options: mixerSizes,
        weights: at("weights/mixer.safetensors"),
      },
      {
        part: "own/c_abstractor",
        options: abstractorSizes,
        weights: at("weights/c_abstractor.safetensors"),
        neighbours: { vision: grid },
      },
      {
        part: "own/c_abstractor",
        options: { latents: 1, width: 12, channels: 16, depth: 2 },
        neighbours: { vision: grid },
      },
    ],
  });
  report.throwIfFailed();
});

for (const choice of ["cpu", "auto"] as const) {
  Deno.test(`features and latents equal PyTorch's on ${choice}`, async () => {
    using device = await createDevice({ device: choice });
    using model = await openModel(device);
    const golden = await readSafetensors(at("golden.safetensors"));
    const numbers = (name: string) =>
      golden.get(name)!.values as Float32Array<ArrayBuffer>;
    const own = await model.engine.describePictures([numbers("pixels")]);
    assertClose(own.features, numbers("features"));
    assertClose(own.latents, numbers("latents"));
  });
}

Deno.test("only the text after a picture sees it", async () => {
  using device = await createDevice();
  using model = await openModel(device);
  const tokens = [40, 1, 70, 71]; // a letter, the picture's mark, two letters
  const logits: Float32Array[] = [];
  for (const colour of [[255, 0, 0], [0, 0, 255]]) {
    const sequence = model.engine.open();
    const pixels = model.image!.process(plainPicture(colour));
    await model.engine.addPictures(sequence, [pixels]);
    const media = [0, 1, 1, 1];
    logits.push(await model.engine.logits(sequence, { tokens, media }));
    model.engine.close(sequence);
  }
  const [red, blue] = logits as [Float32Array, Float32Array];
  const width = red.length / tokens.length;
  assert.deepEqual(red.slice(0, width), blue.slice(0, width));
  const last = (all: Float32Array) => all.slice(-width);
  assert.notDeepEqual(last(red), last(blue));
});

Deno.test("sizes that cannot be are refused with what to do", async () => {
  using device = await createDevice({ device: "cpu" });
  await assert.rejects(
    openModel(device, { resampler: { latents: 9 } }),
    /grid of 4 × 4 cannot be pooled to 9 latents: choose resampler\.latents/,
  );
  await assert.rejects(
    openModel(device, { vision: { patchPx: 7 } }),
    /24 pixels into patches of 7 .*let vision\.patchPx divide vision\.px/,
  );
});

/** The model of `model.json` with some changes. */
async function openModel(
  device: Device,
  changes: Record<string, object> = {},
) {
  const config = JSON.parse(await Deno.readTextFile(at("model.json")));
  for (const [slot, change] of Object.entries(changes)) {
    Object.assign(config[slot], change);
  }
  return await assemble(parseConfig(config, "model.json"), {
    device,
    plugins: [...builtinPlugins(), ownPlugin()],
    base: at("."),
  });
}

function plainPicture(colour: readonly number[]): Picture {
  const data = new Uint8Array(24 * 24 * 4).fill(255);
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) data[i] = colour[i % 4]!;
  return { width: 24, height: 24, data };
}

function assertClose(own: Float32Array, expected: Float32Array): void {
  assert.equal(own.length, expected.length);
  assert.ok(Math.max(...expected) - Math.min(...expected) > 1);
  own.forEach((value, i) => {
    const difference = Math.abs(value - expected[i]!);
    assert.ok(difference <= 1e-3, `value ${i} is off by ${difference}`);
  });
}
