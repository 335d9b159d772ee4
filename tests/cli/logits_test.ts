import assert from "node:assert/strict";
import { join } from "node:path";
import { type TensorToWrite, writeSafetensors } from "../../mod.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { rookery } from "./recorded_output.ts";
import { writePlugin } from "./tiny_folder.ts";

const MODELS = new URL("../golden/models/", import.meta.url).pathname;

/** Runs `logits` in a temporary folder; gives what it wrote. */
async function logits(
  folder: string,
  ...words: string[]
): Promise<Awaited<ReturnType<typeof readSafetensors>>> {
  const out = join(folder, "out.safetensors");
  const ran = await rookery("logits", "--out", out, ...words);
  assert.equal(ran.code, 0, ran.notes);
  return await readSafetensors(out);
}

function floats(values: ArrayLike<number | bigint>): Float32Array {
  return values as Float32Array;
}

for (const name of ["llama_tied", "llama_untied"]) {
  for (const device of ["auto", "cpu"]) {
    Deno.test(`logits of ${name} equal PyTorch's on ${device}`, async () => {
      const folder = await Deno.makeTempDir();
      const model = join(MODELS, name);
      const inputs = join(model, "inputs.safetensors");
      const wanted = (await readSafetensors(join(model, "logits.safetensors")))
        .get("logits")!;
      const mask = (await readSafetensors(inputs)).get("attention_mask")!;
      const words = ["--model", model, "--inputs", inputs, "--device", device];
      const found = (await logits(folder, ...words, "--dtype", "f32"))
        .get("logits")!;
      assert.deepEqual(found.shape, wanted.shape);
      const width = wanted.shape[2]!;
      const [a, b] = [floats(found.values), floats(wanted.values)];
      let masked = 0;
      for (let i = 0; i < a.length; i++) {
        const isOn = Number(mask.values[Math.floor(i / width)]) !== 0;
        const difference = isOn ? Math.abs(a[i]! - b[i]!) : Math.abs(a[i]!);
        assert(difference <= (isOn ? 1e-3 : 0), `element ${i}`);
        if (!isOn) masked++;
      }
      assert(masked > 0); // both left and right padding are in the file
      await Deno.remove(folder, { recursive: true });
    });
  }
}

/** What differs between the golden Flamingos. */
interface FlamingoFiles {
  /** Options of the resampler. */
  readonly resampler: Readonly<Record<string, unknown>>;
  /** Path of the bridge. */
  readonly bridge: string;
}

/** The golden Flamingo that reads pictures. */
const STILL: FlamingoFiles = {
  resampler: { depth: 2, latents: 8, headDim: 8 },
  bridge: join(MODELS, "flamingo/bridge.safetensors"),
};

/** A config of the golden Flamingo, with ids and plugin as a stranger's. */
async function flamingoWords(
  folder: string,
  { resampler, bridge }: FlamingoFiles = STILL,
): Promise<string[]> {
  const golden = join(MODELS, "flamingo");
  const part = { dialect: "open_flamingo", heads: 3 };
  const config = {
    kind: "flamingo",
    schema: 1,
    vision: { part: "pass_through/encoder" },
    image: {},
    resampler: { part: "perceiver", ...part, ...resampler },
    language: { part: "llama/decoder", weights: golden },
    crossAttention: {
      ...part,
      layers: [0, 2],
      headDim: 12,
      attendTo: "latest",
    },
    bridge: { format: "open_flamingo", weights: bridge },
    tokens: { imageId: 95, endOfChunkId: 94 },
    prompt: {},
  };
  const [model, plugin] = [join(folder, "config.json"), join(folder, "p.ts")];
  await Deno.writeTextFile(model, JSON.stringify(config));
  await writePlugin(plugin, "passThrough", "../models/pass_through.ts");
  return ["--model", model, "--plugin", plugin];
}

/** Tensors of the golden case that `logits` takes, by their new names. */
async function flamingoInputs(
  path: string,
  from: string = "flamingo/case.safetensors",
): Promise<void> {
  const golden = await readSafetensors(join(MODELS, from));
  const tensors: TensorToWrite[] = ["input_ids", "pixel_values"].map((name) => {
    const { shape, format, values } = golden.get(name)!;
    return { name, shape, format, data: new Uint8Array(values.buffer) };
  });
  await writeSafetensors(path, tensors);
}

Deno.test("logits of a Flamingo equal PyTorch's, with features and latents", async () => {
  const folder = await Deno.makeTempDir();
  const inputs = join(folder, "in.safetensors");
  await flamingoInputs(inputs);
  const words = [...await flamingoWords(folder), "--inputs", inputs];
  const found = await logits(folder, ...words);
  const golden = await readSafetensors(
    join(MODELS, "flamingo/case.safetensors"),
  );
  for (const name of ["logits", "latents"]) {
    const [a, b] = [found.get(name)!, golden.get(name)!];
    assert.deepEqual(a.shape, b.shape);
    const [x, y] = [floats(a.values), floats(b.values)];
    assert(x.every((value, i) => Math.abs(value - y[i]!) <= 1e-3), name);
  }
  const [b, t] = golden.get("pixel_values")!.shape;
  const features = found.get("vision_features")!.shape;
  assert.deepEqual(features.slice(0, 3), [b, t, 1]);
  assert.equal(features.length, 5);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("logits of a Flamingo that reads videos equal PyTorch's", async () => {
  const folder = await Deno.makeTempDir();
  const inputs = join(folder, "in.safetensors");
  const file = "flamingo_video.safetensors";
  await flamingoInputs(inputs, file);
  const golden = await readSafetensors(join(MODELS, file));
  const still = await readSafetensors(STILL.bridge);
  const isIts = (name: string) => name.startsWith("perceiver.");
  const tensors = [
    ...[...still].filter(([name]) => !isIts(name)),
    ...[...golden].filter(([name]) => isIts(name)),
  ].map(([name, { shape, format, values }]): TensorToWrite => (
    { name, shape, format, data: new Uint8Array(values.buffer) }
  ));
  const bridge = join(folder, "bridge.safetensors");
  await writeSafetensors(bridge, tensors);
  const embeddings = { timeEmbeddings: 3, mediaEmbeddings: 4 };
  const resampler = { depth: 1, latents: 8, headDim: 6, ffMult: 2 };
  const words = await flamingoWords(folder, {
    resampler: { ...resampler, ...embeddings },
    bridge,
  });
  const found = await logits(folder, ...words, "--inputs", inputs);
  for (const name of ["logits", "latents", "vision_features"]) {
    const [a, b] = [found.get(name)!, golden.get(name)!];
    assert.deepEqual(a.shape, b.shape);
    const [x, y] = [floats(a.values), floats(b.values)];
    assert(x.every((value, i) => Math.abs(value - y[i]!) <= 1e-3), name);
  }
  await Deno.remove(folder, { recursive: true });
});

/** Input tensors that break a rule, and what is said about them. */
const BAD: readonly (readonly [string, TensorToWrite[], RegExp])[] = [
  ["no ids", [], /input_ids .* missing/],
  ["ids of one axis", [ids([2])], /input_ids .*\[2\].*\[b, l\]/],
  ["float ids", [{ ...ids([1, 2]), format: "f32" }], /its type is f32/],
  [
    "an unknown name",
    [ids([1, 2]), { ...ids([1, 2]), name: "mask" }],
    /mask .*unknown/,
  ],
  [
    "a mask of another shape",
    [ids([1, 2]), { ...ids([1, 3]), name: "attention_mask" }],
    /attention_mask .*\[1,3\]/,
  ],
  [
    "videos without frames",
    [ids([1, 2]), pixels([1, 1, 0, 3, 2, 2])],
    /pixel_values .*\[1,1,0,3,2,2\].* at least one frame/,
  ],
  [
    "grey pixels",
    [ids([1, 2]), pixels([1, 1, 1, 2, 2])],
    /pixel_values .*\[1,1,1,2,2\]/,
  ],
];

function ids(shape: number[]): TensorToWrite {
  const size = shape.reduce((a, b) => a * b, 4);
  return {
    name: "input_ids",
    shape,
    format: "i32",
    data: new Uint8Array(size),
  };
}

function pixels(shape: number[]): TensorToWrite {
  return { ...ids(shape), name: "pixel_values", format: "f32" };
}

for (const [name, tensors, message] of BAD) {
  Deno.test(`logits refuses ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    const inputs = join(folder, "in.safetensors");
    await writeSafetensors(inputs, tensors);
    const out = join(folder, "out.safetensors");
    const { code, notes } = await rookery(
      ...["logits", "--inputs", inputs, "--out", out],
    );
    assert.equal(code, 1);
    assert.match(notes, message);
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("logits refuses what does not fit the model", async () => {
  const folder = await Deno.makeTempDir();
  const inputs = join(folder, "in.safetensors");
  const run = async (tensors: TensorToWrite[], model: string[]) => {
    await writeSafetensors(inputs, tensors);
    const out = ["--out", join(folder, "out.safetensors")];
    return await rookery("logits", "--inputs", inputs, ...out, ...model);
  };
  const llama = ["--model", join(MODELS, "llama_tied")];
  const high = { ...ids([1, 1]), data: new Uint8Array([200, 0, 0, 0]) };
  assert.match((await run([high], llama)).notes, /200.*below 131/);
  const eyes = await run([ids([1, 2]), pixels([1, 1, 3, 8, 8])], llama);
  assert.equal(eyes.code, 1);
  assert.match(eyes.notes, /no vision/);
  const flamingo = await flamingoWords(folder);
  const mark = { ...ids([1, 1]), data: new Uint8Array([95, 0, 0, 0]) };
  assert.match((await run([mark], flamingo)).notes, /marks 1 pictures.* 0/);
  const large = [mark, pixels([1, 1, 3, 9, 9])];
  assert.match((await run(large, flamingo)).notes, /9 pixels wide.* 8/);
  await Deno.remove(folder, { recursive: true });
});
