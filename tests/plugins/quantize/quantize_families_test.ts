import assert from "node:assert/strict";
import { join } from "node:path";
import {
  assemble,
  builtinPlugins,
  createDevice,
  describe,
  quantize,
  type WeightFormat,
} from "../../../mod.ts";
import ownPlugin from "../../../examples/own_plugin/mod.ts";
import { CASES, keyOf } from "../../../tools/accuracy/cases.ts";
import {
  featuresOf,
  inFolder,
  logitsOf,
  modelPath,
  vectorsOf,
} from "./models.ts";

/** A format for each case in turn; every family has several cases. */
const FORMATS: readonly WeightFormat[] = ["q8_0", "q4_1", "q4_0", "bf16"];

for (const [i, test] of CASES.entries()) {
  const to = FORMATS[i % FORMATS.length]!;
  Deno.test(`quantize() ${keyOf(test)} to ${to}: a folder loads as the model itself with --weights-as`, async () => {
    const model = modelPath(test.folder, test.model ?? "");
    const inputs = modelPath(test.folder, test.inputs ?? "inputs.safetensors");
    await inFolder(async (folder) => {
      const out = join(folder, "out");
      const { tensors } = await quantize(model, out, { to });
      assert.ok(tensors.some((tensor) => tensor.to === to));
      const say = (path: string, dtype: WeightFormat | "stored") =>
        test.kind === "vision"
          ? featuresOf(path, dtype)
          : logitsOf(path, dtype, inputs);
      const written = await say(out, "stored");
      assert.deepEqual(written, await say(model, to));
      // Else nothing was rounded.
      assert.notDeepEqual(written, await say(model, "f32"));
    });
  });
}

Deno.test("quantize() clip_end: both towers in one folder", async () => {
  await inFolder(async (folder) => {
    const out = join(folder, "out");
    await quantize(modelPath("clip_end"), out, { to: "q8_0" });
    const written = await vectorsOf(out, "stored");
    assert.deepEqual(written, await vectorsOf(modelPath("clip_end"), "q8_0"));
  });
});

Deno.test("quantize() a stranger's plugin: its parts and its tokenizer come back", async () => {
  const path = (name: string) =>
    new URL(`../../../${name}`, import.meta.url).pathname;
  const model = path("examples/own_plugin/model.json");
  const plugins = [...builtinPlugins(), ownPlugin()];
  const image = path("tests/pictures/demo/fluent/1f34e.webp");
  await inFolder(async (folder) => {
    const out = join(folder, "out");
    await quantize(model, out, { to: "q8_0", plugins });
    using device = await createDevice({ device: "cpu" });
    const caption = async (path: string, dtype: WeightFormat | "stored") => {
      using opened = await assemble(path, { device, dtype, plugins });
      const { text, logLikelihood } = await describe(opened, { image });
      return { text, logLikelihood };
    };
    assert.deepEqual(
      await caption(out, "stored"),
      await caption(model, "q8_0"),
    );
  });
});

Deno.test("quantize() on a WebGPU device a folder loads as the model itself", async () => {
  await inFolder(async (folder) => {
    const model = modelPath("idefics_base");
    const inputs = modelPath("idefics_base", "inputs.safetensors");
    for (const to of ["q8_0", "q4_0"] as const) {
      const out = join(folder, to);
      await quantize(model, out, { to });
      const written = await logitsOf(out, "stored", inputs, "auto");
      assert.deepEqual(written, await logitsOf(model, to, inputs, "auto"));
    }
  });
});
