import assert from "node:assert/strict";
import { join } from "node:path";
import { flamingoSubject } from "../../evaluation/flamingo_subject.ts";
import { rankPrompts } from "../../evaluation/rank_prompts.ts";
import { classify, createDevice, describe, type Flamingo } from "../../mod.ts";
import { encodePng } from "../../plugins/image/encode_png.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

async function withTiny(
  work: (model: Flamingo, files: readonly string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const files = [1, 2, 3, 4].map((n) => join(folder, `${n}.png`));
    for (const [i, file] of files.entries()) {
      const { width, height, data } = tinyPicture(i);
      const copy = new Uint8Array(data);
      await Deno.writeFile(file, encodePng({ width, height, data: copy }));
    }
    using device = await createDevice();
    using model = await tinyFlamingo(device);
    await work(model, files);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("rankPrompts() gives each picture what classify() gives it alone", () =>
  withTiny(async (model, [a, b, c, d]) => {
    const requests = [
      {
        examples: [{ image: a!, text: "dax" }, { image: b!, text: "wug" }],
        images: [c!, d!],
        choices: ["wug", "dax", "a much longer word"],
      },
      { examples: [], images: [a!], choices: ["yes", "no"], question: "ok?" },
    ];
    const ranked = await rankPrompts(model, requests);
    for (
      const [i, { examples, images, choices, ...rest }] of requests.entries()
    ) {
      for (const [k, image] of images.entries()) {
        const query = { image, ...rest };
        const { scores } = await classify(model, query, choices, {
          shots: examples,
        });
        choices.forEach((choice, n) => {
          const difference = ranked[i]![k]![n]! - scores[choice]!;
          assert(Math.abs(difference) < 1e-4, `${choice}: ${difference}`);
        });
      }
    }
    const [[first, second]] = ranked as [number[][], ...number[][][]];
    assert.notDeepEqual(first, second, "the picture must count");
    assert.deepEqual(await rankPrompts(model, []), []);
  }));

Deno.test("flamingoSubject() writes as describe() does, and means features", () =>
  withTiny(async (model, [a, b]) => {
    const subject = flamingoSubject(model);
    const examples = [{ image: b!, text: "wug" }];
    const texts = await subject.write([
      { examples, image: a! },
      { examples: [], image: b!, question: "ok?" },
    ]);
    const options = { maxTokens: 24 };
    const alone = [
      await describe(model, { image: a! }, { shots: examples, ...options }),
      await describe(model, { image: b!, question: "ok?" }, options),
    ];
    assert.deepEqual(texts, alone.map(({ text }) => text));

    const { positions, width } = model.engine.stack.eyes!.vision;
    const pixels = model.image!.process(await model.image!.read(a!));
    const { features } = await model.engine.describePictures([pixels]);
    const [mean] = await subject.features([a!, b!]);
    for (let d = 0; d < width; d++) {
      let sum = 0;
      for (let n = 0; n < positions; n++) sum += features[n * width + d]!;
      assert(Math.abs(mean![d]! - sum / positions) < 1e-5);
    }
  }));
