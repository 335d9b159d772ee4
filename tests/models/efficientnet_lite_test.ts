import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { assemble } from "../../plugins/assemble.ts";
import { openSafetensors } from "../../plugins/safetensors/reader.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { readConfig } from "../../plugins/read_config.ts";
import { inMemory } from "../../core/evaluate_on.ts";

const GOLDEN = new URL(
  "../golden/models/efficientnet.safetensors",
  import.meta.url,
);
const PICTURES = new URL("../pictures/parity/", import.meta.url);
const STEP = 13, POSITIONS = 25;
const LEVELS = [["block11", 192], ["block14", 192], ["head", 1280]] as const;
const WIDTH = 1664;

Deno.test("EfficientNet-Lite0: features of 8 pictures equal the reference's", async () => {
  using device = await createDevice();
  // Mean 0, deviation 1 and no clipping give the features as they are.
  const located = await readConfig("rookery-small");
  const config = { ...located.config } as Extract<
    typeof located.config,
    { kind: "flamingo" }
  >;
  const options = { ...config.vision.options, clip: 1e9 };
  const plain = { ...config, vision: { ...config.vision, options } };
  const weights = {
    vision: new Map([
      ["mean", inMemory("mean", [WIDTH], new Float32Array(WIDTH))],
      ["std", inMemory("std", [WIDTH], new Float32Array(WIDTH).fill(1))],
    ]),
  };
  using model = await assemble({ ...located, config: plain }, {
    device,
    weights,
  });
  using file = await openSafetensors(GOLDEN.pathname);
  const names = JSON.parse(file.metadata.pictures as string) as string[];
  const golden = await readSafetensors(GOLDEN.pathname);
  assert.equal(names.length, 8);
  for (const [i, name] of names.entries()) {
    const picture = await model.image!.read(new URL(name, PICTURES).pathname);
    const { features } = await model.engine.describePictures([
      model.image!.process(picture),
    ]);
    let start = 0;
    for (const [level, channels] of LEVELS) {
      const kept = Math.ceil(channels / STEP);
      const expected = (golden.get(level)!.values as Float32Array)
        .subarray(i * POSITIONS * kept, (i + 1) * POSITIONS * kept);
      const spread = Math.max(...expected) - Math.min(...expected);
      expected.forEach((value, at) => {
        const position = Math.floor(at / kept), channel = (at % kept) * STEP;
        const own = features[position * WIDTH + start + channel]!;
        assert.ok(
          Math.abs(own - value) <= 1e-3 * spread,
          `${name} ${level} ${at}`,
        );
      });
      start += channels;
    }
  }
});
