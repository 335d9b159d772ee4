import assert from "node:assert/strict";
import { createDevice, type DeviceOptions } from "../../core/create_device.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { assemble } from "../../plugins/assemble.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { parseConfig } from "../../plugins/parse_config.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { chunkOf, largestDifference } from "./compare.ts";
import { passThrough } from "./pass_through.ts";

const FOLDER = new URL("../golden/models/flamingo/", import.meta.url);
const IMAGE = 95, VOCABULARY = 96, PIXELS = 3 * 8 * 8;

const CONFIG = {
  kind: "flamingo",
  schema: 1,
  name: "tiny",
  vision: { part: "pass_through/encoder" },
  image: {},
  resampler: {
    part: "perceiver",
    dialect: "open_flamingo",
    depth: 2,
    latents: 8,
    heads: 3,
    headDim: 8,
  },
  language: { part: "llama/decoder", weights: "." },
  crossAttention: {
    dialect: "open_flamingo",
    layers: [0, 2],
    heads: 3,
    headDim: 12,
    attendTo: "latest",
  },
  bridge: { format: "open_flamingo", weights: "bridge.safetensors" },
  tokens: { imageId: IMAGE, endOfChunkId: 94 },
  prompt: {},
};

const golden = await readSafetensors(
  new URL("case.safetensors", FOLDER).pathname,
);
const valuesOf = (name: string) =>
  golden.get(name)!.values as Float32Array<ArrayBuffer>;
const ids = [...golden.get("input_ids")!.values].map(Number);
const [ROWS, LENGTH] = golden.get("input_ids")!.shape as [number, number];

/** The tiny model; `closed` puts zeros in place of all gates. */
async function tiny(
  choice: NonNullable<DeviceOptions["device"]> = "auto",
  closed = false,
): Promise<{ model: Flamingo } & Disposable> {
  const stack = new DisposableStack();
  const device = stack.use(await createDevice({ device: choice }));
  const gates = ["0.attn_gate", "0.ff_gate", "2.attn_gate", "2.ff_gate"];
  const zeros = new Map(
    gates.map((name) => [name, inMemory(name, [1], new Float32Array(1))]),
  );
  const options = {
    device,
    plugins: [...builtinPlugins(), passThrough()],
    base: FOLDER,
    weights: closed ? { crossAttention: zeros } : {},
  };
  const config = parseConfig(CONFIG, "tiny");
  const model = stack.use(await assemble(config, options));
  return { model, [Symbol.dispose]: () => stack.dispose() };
}

function pixelsOf(row: number): Float32Array<ArrayBuffer>[] {
  return [0, 1, 2].map((i) => {
    const at = (row * 3 + i) * PIXELS;
    return valuesOf("pixel_values").slice(at, at + PIXELS);
  });
}

function rowOf(row: number): { tokens: number[]; media: number[] } {
  const tokens = ids.slice(row * LENGTH, (row + 1) * LENGTH);
  let pictures = 0;
  const media = tokens.map((token) => token === IMAGE ? ++pictures : pictures);
  return { tokens, media };
}

async function logitsOf(
  { engine }: Flamingo,
  row: number,
  pixels = pixelsOf(row),
): Promise<Float32Array> {
  const sequence = engine.open();
  const { tokens, media } = rowOf(row);
  await engine.addPictures(sequence, pixels);
  const logits = await engine.logits(sequence, chunkOf(tokens, media));
  engine.close(sequence);
  return logits;
}

for (const choice of ["auto", "cpu"] as const) {
  Deno.test(`latents and logits equal open_flamingo's on ${choice}`, async () => {
    using tested = await tiny(choice);
    const { model } = tested;
    const size = LENGTH * VOCABULARY;
    for (let row = 0; row < ROWS; row++) {
      const logits = await logitsOf(model, row);
      const expected = valuesOf("logits").subarray(
        row * size,
        (row + 1) * size,
      );
      assert.ok(largestDifference(logits, expected) <= 1e-3);
      const { latents } = await model.engine.describePictures(pixelsOf(row));
      const all = valuesOf("latents"), own = latents.length;
      const wanted = all.subarray(row * own, (row + 1) * own);
      assert.ok(largestDifference(latents, wanted) <= 1e-4);
    }
  });
}

Deno.test("a changed picture moves the logits of its own tokens only", async () => {
  using tested = await tiny();
  const { model } = tested;
  for (let row = 0; row < ROWS; row++) {
    const before = await logitsOf(model, row);
    const { media } = rowOf(row);
    for (let k = 0; k < 3; k++) {
      const pixels = pixelsOf(row);
      pixels[k] = pixels[k]!.map((value) => -value);
      const after = await logitsOf(model, row, pixels);
      // Later tokens see earlier ones through the language model, so what is
      // before the picture's first token must not move by a bit, and its own
      // tokens must.
      const first = media.indexOf(k + 1);
      for (let i = 0; i < LENGTH; i++) {
        const span = [i * VOCABULARY, (i + 1) * VOCABULARY] as const;
        const moved = largestDifference(
          before.subarray(...span),
          after.subarray(...span),
        );
        const isBefore = first < 0 || i < first;
        if (isBefore) assert.equal(moved, 0);
        else if (media[i] === k + 1) assert.ok(moved > 1e-4);
      }
    }
  }
});

Deno.test("closed gates leave the language model's logits bit for bit", async () => {
  using tested = await tiny();
  const folder = FOLDER.pathname;
  using device = await createDevice();
  using alone = await assemble(folder, { device });
  const plain: Float32Array[] = [];
  for (let row = 0; row < ROWS; row++) {
    const { tokens } = rowOf(row);
    plain.push(await alone.engine.logits(alone.engine.open(), chunkOf(tokens)));
  }
  const opened = await logitsOf(tested.model, 0);
  assert.ok(largestDifference(opened, plain[0]!) > 1e-2);
  using closed = await tiny("auto", true);
  for (let row = 0; row < ROWS; row++) {
    assert.deepEqual(await logitsOf(closed.model, row), plain[row]);
  }
});
