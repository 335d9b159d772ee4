import assert from "node:assert/strict";
import { join } from "node:path";
import {
  DATASET_NAMES,
  readDataset,
} from "../../../plugins/datasets/read_dataset.ts";
import { makeDatasets } from "./made_datasets.ts";

Deno.test("readDataset() reads every published format, and its pictures are there", async () => {
  const root = await Deno.makeTempDir();
  try {
    await makeDatasets(root);
    for (const name of DATASET_NAMES) {
      const dataset = await readDataset(name, join(root, name));
      const { train, test } = dataset;
      const count = name === "classes" ? 8 : 4;
      assert.deepEqual([train.length, test.length], [count, count], name);
      const ids = new Set(test.map(({ id }) => id));
      assert.equal(ids.size, count, name);
      for (const { image, texts } of [...train, ...test]) {
        assert((await Deno.stat(image)).isFile, image);
        assert(texts.length > 0 && texts.every((text) => text !== ""));
      }
      const isAsked = test[0]!.question !== undefined;
      assert.equal(isAsked, dataset.task === "answer", name);
      const known = dataset.labels ?? test[0]!.texts;
      assert(test.every(({ texts }) => known.includes(texts[0]!)), name);
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("readDataset() says which file or entry is wrong", async () => {
  const root = await Deno.makeTempDir();
  const refuses = (name: string, message: RegExp) =>
    assert.rejects(readDataset(name, join(root, name)), { message });
  try {
    await makeDatasets(root);
    await assert.rejects(readDataset("no", root), {
      code: "usage",
      message: /"no".*known are coco, flickr30k/,
    });
    await refuses("coco/no", /"coco\/no"/);
    const write = (name: string, text: string) =>
      Deno.writeTextFile(join(root, name), text);
    await Deno.remove(join(root, "vizwiz/val.json"));
    await refuses("vizwiz", /find val\.json or Annotations\/val\.json/);
    await write(
      "textvqa/TextVQA_0.5.1_train.json",
      '{"data":[{"question":1}]}',
    );
    await refuses(
      "textvqa",
      /_train\.json: data\[0\].*"question_id" is no text/,
    );
    await write("hateful-memes/train.jsonl", '{"id":1,"label":2}\n');
    await refuses("hateful-memes", /train\.jsonl:1.*neither 0 nor 1/);
    await write("hateful-memes/train.jsonl", "{\n");
    await refuses("hateful-memes", /train\.jsonl:1.*not valid/);
    await write("imagenet/LOC_synset_mapping.txt", "n1 ab\n");
    await refuses("imagenet", /n2 is not in LOC_synset_mapping/);
    await write(
      "vqav2/v2_mscoco_val2014_annotations.json",
      '{"annotations":[]}',
    );
    await refuses("vqav2", /question 14 has no answers/);
    await write("ok-vqa/OpenEnded_mscoco_train2014_questions.json", "[]");
    await refuses("ok-vqa", /"questions" is no list/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
