/**
 * Questions about pictures, each set in its published files: VQAv2, OK-VQA,
 * TextVQA, VizWiz.
 *
 * @module
 */

import { join } from "node:path";
import type {
  Dataset,
  DatasetRow,
} from "../../models/tasks/evaluation/dataset.ts";
import { bad, type DatasetFolder } from "./dataset_folder.ts";

type Split = "train" | "val";

/**
 * `v2_OpenEnded_mscoco_{train,val}2014_questions.json`,
 * `v2_mscoco_{train,val}2014_annotations.json`; pictures of COCO in
 * `train2014/` and `val2014/`. Queries are those of `val`.
 */
export async function readVqaV2(folder: DatasetFolder): Promise<Dataset> {
  return await questionSet(
    "vqav2",
    folder,
    (split) => joined(folder, split, "v2_"),
  );
}

/** As VQAv2, in `OpenEnded_mscoco_…` and `mscoco_…`. */
export async function readOkVqa(folder: DatasetFolder): Promise<Dataset> {
  return await questionSet(
    "ok-vqa",
    folder,
    (split) => joined(folder, split, ""),
  );
}

/** `TextVQA_0.5.1_{train,val}.json`; pictures in `train_images/`. */
export async function readTextVqa(folder: DatasetFolder): Promise<Dataset> {
  return await questionSet("textvqa", folder, async (split) => {
    const entries = await folder.list([`TextVQA_0.5.1_${split}.json`], "data");
    return entries.map((entry) => ({
      id: entry.text("question_id"),
      image: join(folder.path, "train_images", `${entry.text("image_id")}.jpg`),
      question: entry.text("question"),
      texts: entry.texts("answers"),
    }));
  });
}

/** `{train,val}.json`; pictures in `train/` and `val/`. */
export async function readVizWiz(folder: DatasetFolder): Promise<Dataset> {
  return await questionSet("vizwiz", folder, async (split) => {
    const entries = await folder.list([
      `${split}.json`,
      `Annotations/${split}.json`,
    ]);
    return entries.map((entry) => ({
      id: entry.text("image"),
      image: join(folder.path, split, entry.text("image")),
      question: entry.text("question"),
      texts: entry.texts("answers", "answer"),
    }));
  });
}

async function questionSet(
  name: string,
  folder: DatasetFolder,
  rowsOf: (split: Split) => Promise<DatasetRow[]>,
): Promise<Dataset> {
  return {
    name,
    task: "answer",
    metric: "vqa",
    train: await rowsOf("train"),
    test: await rowsOf("val"),
    files: folder.files,
  };
}

/** Questions and their answers by `question_id`. */
async function joined(
  folder: DatasetFolder,
  split: Split,
  begin: string,
): Promise<DatasetRow[]> {
  const questions = await folder.list(
    [`${begin}OpenEnded_mscoco_${split}2014_questions.json`],
    "questions",
  );
  const answers = new Map(
    (await folder.list(
      [`${begin}mscoco_${split}2014_annotations.json`],
      "annotations",
    )).map((entry) => [entry.text("question_id"), entry]),
  );
  return questions.map((entry) => {
    const id = entry.text("question_id");
    const own = answers.get(id);
    if (own === undefined) {
      throw bad(
        entry.place,
        `question ${id} has no answers in the annotations`,
      );
    }
    const number = entry.text("image_id").padStart(12, "0");
    const file = `COCO_${split}2014_${number}.jpg`;
    return {
      id,
      image: join(folder.path, `${split}2014`, file),
      question: entry.text("question"),
      texts: own.texts("answers", "answer"),
    };
  });
}
