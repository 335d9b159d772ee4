/**
 * Small folders in the published formats, with the tiny model's pictures.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { encodePng } from "../../../plugins/image/encode_png.ts";
import { tinyPicture } from "../../support/tiny_model.ts";

const SPLITS = ["train", "val"] as const;

/** Rows in each split: more than the two examples of 0 shots. */
const ROWS = 4;

/** Writes every dataset into a folder of its name below `root`. */
export async function makeDatasets(root: string): Promise<void> {
  await makeKarpathy(join(root, "coco"), "dataset_coco.json", "val2014");
  await makeKarpathy(
    join(root, "flickr30k"),
    "dataset_flickr30k.json",
    "flickr30k-images",
  );
  await makeVqa(join(root, "vqav2"), "v2_");
  await makeVqa(join(root, "ok-vqa"), "");
  for (const split of SPLITS) {
    const rows = rowsOf(split);
    await json(root, `textvqa/TextVQA_0.5.1_${split}.json`, {
      data: rows.map(({ id, question, answers }) => ({
        question_id: id,
        image_id: `i${id}`,
        question,
        answers,
      })),
    });
    await json(
      root,
      `vizwiz/${split}.json`,
      rows.map(({ id, question, answers }) => ({
        image: `${id}.png`,
        question,
        answers: answers.map((answer) => ({ answer })),
      })),
    );
    for (const { id } of rows) {
      await picture(root, `textvqa/train_images/i${id}.jpg`, id);
      await picture(root, `vizwiz/${split}/${id}.png`, id);
      await picture(root, `hateful-memes/img/${id}.png`, id);
      const synset = id % 2 ? "n2" : "n1";
      await picture(root, `imagenet/${split}/${synset}/${id}.png`, id);
      await picture(root, `classes/${id % 2 ? "ab" : "cd"}/${id}.png`, id);
      await picture(root, `questions/${id}.png`, id);
    }
    const name = split === "train" ? "train" : "dev_seen";
    await lines(
      root,
      `hateful-memes/${name}.jsonl`,
      rows.map(({ id }) => ({
        id,
        img: `img/${id}.png`,
        label: id % 2,
        text: "ab",
      })),
    );
    await lines(
      root,
      `questions/${split === "train" ? "train" : "test"}.jsonl`,
      rows.map(({ id, question, answers }) => ({
        image: `${id}.png`,
        question,
        answers,
      })),
    );
  }
  await text(
    root,
    "imagenet/LOC_synset_mapping.txt",
    "n1 ab, other\nn2 cd\n",
  );
}

function rowsOf(split: (typeof SPLITS)[number]) {
  return Array.from({ length: ROWS }, (_, i) => ({
    id: (split === "train" ? 0 : ROWS) + i,
    question: "what",
    answers: ["ab", "ab", "cd"],
  }));
}

async function makeKarpathy(
  root: string,
  file: string,
  folder: string,
): Promise<void> {
  const images = Array.from({ length: 2 * ROWS }, (_, i) => ({
    imgid: i,
    filepath: "val2014",
    filename: `${i}.png`,
    split: i < ROWS ? (i % 2 ? "restval" : "train") : "test",
    sentences: [{ raw: "ab cd" }, { raw: "cd ab ab" }],
  }));
  await json(root, file, { images });
  for (const { imgid } of images) {
    await picture(root, `${folder}/${imgid}.png`, imgid);
  }
}

async function makeVqa(root: string, begin: string): Promise<void> {
  for (const split of SPLITS) {
    const rows = rowsOf(split);
    await json(
      root,
      `${begin}OpenEnded_mscoco_${split}2014_questions.json`,
      {
        questions: rows.map(({ id, question }) => ({
          image_id: id,
          question_id: 10 + id,
          question,
        })),
      },
    );
    await json(root, `${begin}mscoco_${split}2014_annotations.json`, {
      annotations: rows.map(({ id, answers }) => ({
        question_id: 10 + id,
        answers: answers.map((answer, i) => ({ answer, answer_id: i })),
      })),
    });
    for (const { id } of rows) {
      const number = `${id}`.padStart(12, "0");
      await picture(
        root,
        `${split}2014/COCO_${split}2014_${number}.jpg`,
        id,
      );
    }
  }
}

async function text(root: string, name: string, value: string): Promise<void> {
  const path = join(root, name);
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, value);
}

async function json(root: string, name: string, value: object): Promise<void> {
  await text(root, name, JSON.stringify(value));
}

async function lines(
  root: string,
  name: string,
  values: readonly object[],
): Promise<void> {
  await text(root, name, values.map((each) => JSON.stringify(each)).join("\n"));
}

/** The format is read from the file's bytes, so a PNG may be called `.jpg`. */
async function picture(
  root: string,
  name: string,
  seed: number,
): Promise<void> {
  const path = join(root, name);
  await Deno.mkdir(dirname(path), { recursive: true });
  const { width, height, data } = tinyPicture(seed);
  const png = encodePng({ width, height, data: new Uint8Array(data) });
  await Deno.writeFile(path, png);
}
