/**
 * Pictures with labels: HatefulMemes, ImageNet, a folder of classes.
 *
 * @module
 */

import { basename, join } from "node:path";
import type {
  Dataset,
  DatasetRow,
} from "../../models/tasks/evaluation/dataset.ts";
import { readClassFolder } from "../picture_index/class_folder.ts";
import { bad, type DatasetFolder } from "./dataset_folder.ts";

/**
 * `train.jsonl` and `dev_seen.jsonl` or `dev.jsonl`, `img/`. The question has
 * the words on the picture; the answers are `yes` and `no`.
 */
export async function readHatefulMemes(
  folder: DatasetFolder,
): Promise<Dataset> {
  const rowsOf = async (names: readonly string[]): Promise<DatasetRow[]> =>
    (await folder.lines(names)).map((entry) => {
      const label = entry.text("label");
      if (label !== "0" && label !== "1") {
        throw bad(entry.place, `"label" is ${label}, neither 0 nor 1`);
      }
      return {
        id: entry.text("id"),
        image: join(folder.path, entry.text("img")),
        question: `is an image with: "${
          entry.text("text")
        }" written on it. Is it hateful?`,
        texts: [label === "1" ? "yes" : "no"],
      };
    });
  return {
    name: "hateful-memes",
    task: "answer",
    metric: "roc-auc",
    labels: ["yes", "no"],
    train: await rowsOf(["train.jsonl"]),
    test: await rowsOf(["dev_seen.jsonl", "dev.jsonl"]),
    files: folder.files,
  };
}

/**
 * `train/` and `val/` with a folder a synset, and `LOC_synset_mapping.txt`: a
 * line a synset with its names, of which the first is the label.
 */
export async function readImageNet(folder: DatasetFolder): Promise<Dataset> {
  const names = new Map(
    (await folder.text(["LOC_synset_mapping.txt"])).map((line) => {
      const [synset = "", ...words] = line.split(" ");
      return [synset, words.join(" ").split(",")[0]!.trim()] as const;
    }),
  );
  const counts = new Map<string, number>();
  for (const name of names.values()) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  // Two synsets are called "crane"; labels must differ.
  const labelOf = (synset: string, place: string): string => {
    const name = names.get(synset);
    if (name === undefined) {
      throw bad(place, `its folder ${synset} is not in LOC_synset_mapping.txt`);
    }
    return counts.get(name)! > 1 ? `${name} (${synset})` : name;
  };
  const rowsOf = async (split: string): Promise<DatasetRow[]> =>
    (await readClassFolder(join(folder.path, split))).map((
      { image, text },
    ) => ({
      id: basename(image),
      image,
      texts: [labelOf(text, image)],
    }));
  const train = await rowsOf("train"), test = await rowsOf("val");
  const labels = [...names.keys()].map((synset) => labelOf(synset, synset));
  return {
    name: "imagenet",
    task: "classify",
    metric: "labels",
    labels,
    train,
    test,
    files: folder.files,
  };
}

/** A folder of classes; every picture is asked about, the others are examples. */
export async function readClasses(folder: DatasetFolder): Promise<Dataset> {
  const files = await readClassFolder(folder.path);
  const rows = files.map(({ image, text }) => ({
    id: image,
    image,
    texts: [text],
  }));
  return {
    name: "classes",
    task: "classify",
    metric: "labels",
    labels: [...new Set(files.map(({ text }) => text))],
    train: rows,
    test: rows,
    files: folder.files,
  };
}
