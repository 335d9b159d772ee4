import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import {
  assembleContrastive,
  contrastiveEncoder,
  ContrastiveLabels,
  type ContrastiveModel,
  type Device,
  parseConfig,
  type Picture,
  Prototypes,
} from "../../mod.ts";
import { tinyPicture, tinyPlugins } from "../support/tiny_model.ts";

const WEIGHTS =
  new URL("../golden/models/clip_largest", import.meta.url).pathname;
const LABELS = ["FOX", "CAT", "BEE"];
const PICTURES: readonly Picture[] = Array.from(
  { length: 8 },
  (_, i) => tinyPicture(i),
);

/** A tiny CLIP that reads letters. */
async function letterClip(device: Device): Promise<ContrastiveModel> {
  const config = parseConfig({
    kind: "contrastive",
    schema: 1,
    vision: {
      part: "clip/vit",
      weights: WEIGHTS,
      tokens: "all",
      postNorm: true,
    },
    text: { part: "clip/text", weights: WEIGHTS },
    tokenizer: { part: "test/letters" },
  }, "letters");
  return await assembleContrastive(config, {
    device,
    plugins: tinyPlugins(),
  });
}

const softmax = (values: readonly number[]) => {
  const sum = values.reduce((all, value) => all + Math.exp(value), 0);
  return values.map((value) => value - Math.log(sum));
};

Deno.test("ContrastiveLabels ranks by the text tower's logits", async () => {
  using device = await createDevice();
  using model = await letterClip(device);
  const template = "{label}";
  const opened = await ContrastiveLabels.open(model, LABELS, { template });
  const texts = await model.embedTexts(LABELS.map((l) => model.tokensOf(l)));
  for (const picture of PICTURES.slice(0, 3)) {
    const images = await model.embedImages([model.image.process(picture)]);
    const logits = [...await model.logitsPerImage(images, texts)];
    const expected = softmax(logits);
    const { label, scores } = await opened.rank(picture);
    assert.equal(label, LABELS[logits.indexOf(Math.max(...logits))]);
    LABELS.forEach((name, i) =>
      assert.ok(Math.abs(scores[name]! - expected[i]!) < 1e-4)
    );
  }
  const other = { template: "A {label}" };
  const changed = await ContrastiveLabels.open(model, LABELS, other);
  const plain = await opened.rank(PICTURES[0]!);
  assert.notDeepEqual(await changed.rank(PICTURES[0]!), plain);
  await assert.rejects(
    ContrastiveLabels.open(model, LABELS, { template: "A" }),
    /lacks \{label\}/,
  );
});

Deno.test("ContrastiveLabels ranks by pictures, alone and with texts", async () => {
  using device = await createDevice();
  using model = await letterClip(device);
  const encoder = contrastiveEncoder(model);
  assert.equal(typeof encoder.identity, "string");
  const vectors = await encoder.embed(PICTURES);
  const labels = PICTURES.map((_, i) => LABELS[i % 3]!);
  const pictures = { vectors, labels };
  const options = { template: "{label}", pictures };
  const opened = await ContrastiveLabels.open(model, LABELS, options);
  const picture = tinyPicture(20);
  const [vector] = await encoder.embed([picture]);
  const cosines = new Prototypes(LABELS, pictures).cosines(vector!);
  const { scores } = await opened.rank(picture);
  LABELS.forEach((name, i) =>
    assert.ok(Math.abs(scores[name]! - cosines[i]!) < 1e-5)
  );
  assert.equal(opened.mix, undefined);
  const both = await ContrastiveLabels.open(model, LABELS, {
    ...options,
    method: "both",
  });
  const { weight, scale, cases } = both.mix!;
  assert.equal(cases, 8);
  const texts = await model.embedTexts(LABELS.map((l) => model.tokensOf(l)));
  const prompt = softmax([...await model.logitsPerImage(vector!, texts)]);
  const prototypes = softmax(cosines.map((cosine) => scale * cosine));
  const mixed = await both.rank(picture);
  LABELS.forEach((name, i) => {
    const expected = (1 - weight) * prompt[i]! + weight * prototypes[i]!;
    assert.ok(Math.abs(mixed.scores[name]! - expected) < 1e-4);
  });
  await assert.rejects(
    ContrastiveLabels.open(model, ["FOX", "OWL"], options),
    /prototype of "OWL"/,
  );
});
