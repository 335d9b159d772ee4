import assert from "node:assert/strict";
import {
  assemble,
  createDevice,
  type FlamingoModelConfig,
  outlineModel,
  PRESET_NAMES,
  presetJson,
  readConfig,
  type RookeryError,
} from "../../mod.ts";

const PAPER = ["flamingo-3b", "flamingo-9b", "flamingo-9b-40", "flamingo-80b"];

/** A preset's config. */
async function configOf(name: string): Promise<FlamingoModelConfig> {
  return (await readConfig(name)).config as FlamingoModelConfig;
}

Deno.test("presets: all names of the family are there", () => {
  assert.equal(PRESET_NAMES[0], "rookery-small");
  assert.deepEqual(
    PRESET_NAMES.toSorted(),
    [
      ...PAPER,
      "flamingo-mini",
      "flamingo-tiny",
      "idefics-80b",
      "idefics-80b-instruct",
      "idefics-9b",
      "idefics-9b-instruct",
      "openflamingo-3b",
      "openflamingo-3b-instruct",
      "openflamingo-4b",
      "openflamingo-4b-instruct",
      "openflamingo-9b",
      "rookery-small",
    ].toSorted(),
  );
  assert.equal(presetJson("toString"), undefined);
});

Deno.test("presets: each has a file of its name and says it", async () => {
  const files = new Set<string>();
  const folder = new URL("../../presets/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) files.add(name);
  for (const name of PRESET_NAMES) {
    assert(files.has(`${name.replaceAll("-", "_")}.json`), name);
    assert.equal((await configOf(name)).name, name);
  }
});

Deno.test("presets: none needs a file for its outline", async () => {
  // A folder of weights that is empty: nothing is found, nothing is brought.
  const weightsDir = await Deno.makeTempDir();
  try {
    for (const name of PRESET_NAMES) {
      const { parts } = await outlineModel(name, { weightsDir });
      assert(parts.language && parts.vision, name);
      const { source } = parts.language;
      assert.equal(source, undefined, name);
    }
  } finally {
    await Deno.remove(weightsDir, { recursive: true });
  }
});

Deno.test("presets: published ones name their weights, the paper's none", async () => {
  for (const name of PRESET_NAMES) {
    const { bridge, note } = await configOf(name);
    if (PAPER.includes(name)) {
      assert.equal(bridge, undefined, name);
      assert.match(note!, /never published/);
    } else if (name !== "rookery-small") {
      const weights = bridge!.weights as { hub: string };
      assert.match(weights.hub, /^[\w.-]+\/[\w.-]+$/, name);
    }
  }
  assert.match((await configOf("flamingo-9b")).note!, /flamingo-9b-40/);
  assert.match((await configOf("flamingo-9b-40")).note!, /flamingo-9b,/);
});

Deno.test("presets: what was not pulled is named, and nothing else", async () => {
  using device = await createDevice({ device: "cpu", memoryBytes: 1024 });
  const known = Deno.env.get("HF_HUB_CACHE");
  const empty = await Deno.makeTempDir();
  Deno.env.set("HF_HUB_CACHE", empty);
  try {
    for (const name of ["openflamingo-4b", "idefics-9b", "flamingo-tiny"]) {
      await assert.rejects(
        assemble(name, { device }),
        ({ message }: RookeryError) => {
          const [, ...lines] = message.split("\n");
          assert(lines.length > 0 && lines.length <= 3, message);
          for (const line of lines) assert.match(line, /rookery pull [\w-]+\//);
          return true;
        },
      );
    }
  } finally {
    if (known === undefined) Deno.env.delete("HF_HUB_CACHE");
    else Deno.env.set("HF_HUB_CACHE", known);
    await Deno.remove(empty, { recursive: true });
  }
});

Deno.test("presets: gated blocks stand where each dialect has them", async () => {
  const layersOf = async (name: string) => {
    const { parts } = await outlineModel(name);
    return parts.crossAttention!.value.blocks.map(({ layer }) => layer);
  };
  const every = (step: number, first: number, count: number) =>
    Array.from({ length: count }, (_, i) => first + step * i);
  assert.deepEqual(await layersOf("flamingo-9b"), every(4, 0, 8));
  assert.deepEqual(await layersOf("flamingo-9b-40"), every(4, 0, 10));
  assert.deepEqual(await layersOf("flamingo-80b"), every(7, 0, 12));
  assert.deepEqual(await layersOf("openflamingo-3b"), every(1, 0, 24));
  assert.deepEqual(await layersOf("openflamingo-4b"), every(2, 1, 16));
  assert.deepEqual(await layersOf("openflamingo-9b"), every(4, 3, 8));
  assert.deepEqual(await layersOf("idefics-80b"), every(4, 0, 20));
  assert.deepEqual(await layersOf("flamingo-mini"), every(1, 0, 24));
});

Deno.test("presets: encoders see what the published models see", async () => {
  for (
    const [name, px, positions, width] of [
      ["flamingo-3b", 320, 100, 3072],
      ["openflamingo-9b", 224, 256, 1024],
      ["idefics-9b", 224, 257, 1280],
      ["flamingo-mini", 224, 257, 1024],
    ] as const
  ) {
    const vision = (await outlineModel(name)).parts.vision!.value;
    assert.deepEqual(
      [vision.px, vision.positions, vision.width],
      [px, positions, width],
      name,
    );
  }
});
