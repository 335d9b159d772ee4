import assert from "node:assert/strict";
import { join } from "node:path";
import { createDevice } from "../../core/create_device.ts";
import {
  encodePrompt,
  pictureOrdinals,
  type PromptItem,
} from "../../models/flamingo/prompt.ts";
import { assemble } from "../../plugins/assemble.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { assertClose } from "../support/assert_close.ts";
import { goldenPath } from "./flamingo_rows.ts";

/** A prompt with what `IdeficsProcessor` makes of it. */
interface GoldenPrompt {
  readonly items: readonly PromptItem<string>[];
  readonly ids: readonly number[];
  readonly media: readonly number[];
}

for (const name of ["base", "instruct"]) {
  const folder = goldenPath(`idefics_${name}`);

  Deno.test(`prompts of IDEFICS ${name} become its processor's ids and masks`, async () => {
    using device = await createDevice({ device: "cpu" });
    using model = await assemble(folder, { device });
    const file = await Deno.readTextFile(join(folder, "prompts.json"));
    const prompts: GoldenPrompt[] = JSON.parse(file);
    assert.ok(prompts.length >= 5);
    for (const { items, ids, media } of prompts) {
      const own = encodePrompt(items, model.tokenizer, model.marks);
      assert.deepEqual(own.tokens, ids);
      assert.deepEqual(own.media, media);
      assert.deepEqual(pictureOrdinals(ids, model.marks), media);
    }
  });

  Deno.test(`pictures of IDEFICS ${name} become its image processor's pixels`, async () => {
    using device = await createDevice({ device: "cpu" });
    using model = await assemble(folder, { device });
    const image = model.image!;
    const picture = await image.read(join(folder, "picture.png"));
    const own = image.process(picture);
    const golden = await readSafetensors(join(folder, "pixels.safetensors"));
    const { values, shape } = golden.get("pixels")!;
    assert.deepEqual(shape, [3, image.px, image.px]);
    assertClose("pixels", own, values as Float32Array, { tolerance: 1e-5 });
  });

  Deno.test(`IDEFICS ${name} goes on after a prompt of pictures and text`, async () => {
    using device = await createDevice({ device: "cpu" });
    using model = await assemble(folder, { device });
    const { around, image } = model.marks!;
    const { sequence, chunk } = await model.open([
      { text: "User:" },
      { image: join(folder, "picture.png") },
      { text: "what is this?" },
    ], { maxTokens: 12 });
    await model.engine.step([{ sequence, chunk, draws: 12 }]);
    const drawn = sequence.samples.map(({ token }) => token);
    assert.ok(drawn.length > 0);
    assert.ok(!drawn.includes(around!) && !drawn.includes(image[0]!));
    model.engine.close(sequence);
  });
}
