/**
 * Captions in Karpathy's splits: COCO and Flickr30k.
 *
 * @module
 */

import { join } from "node:path";
import type {
  Dataset,
  DatasetRow,
} from "../../models/tasks/evaluation/dataset.ts";
import type { DatasetFolder, Entry } from "./dataset_folder.ts";

/**
 * `dataset_coco.json`; pictures in `train2014/` and `val2014/`. Examples come
 * from `train` and `restval`, queries from `test`.
 */
export async function readCoco(folder: DatasetFolder): Promise<Dataset> {
  return await readSplit(folder, {
    name: "coco",
    file: "dataset_coco.json",
    imageOf: (entry) => join(entry.text("filepath"), entry.text("filename")),
  });
}

/** `dataset_flickr30k.json`; pictures in `flickr30k-images/`. */
export async function readFlickr30k(folder: DatasetFolder): Promise<Dataset> {
  return await readSplit(folder, {
    name: "flickr30k",
    file: "dataset_flickr30k.json",
    imageOf: (entry) => join("flickr30k-images", entry.text("filename")),
  });
}

async function readSplit(
  folder: DatasetFolder,
  { name, file, imageOf }: {
    readonly name: string;
    readonly file: string;
    readonly imageOf: (entry: Entry) => string;
  },
): Promise<Dataset> {
  const entries = await folder.list([file], "images");
  const rowsOf = (splits: readonly string[]): DatasetRow[] =>
    entries.filter((entry) => splits.includes(entry.text("split")))
      .map((entry) => ({
        id: entry.text("imgid"),
        image: join(folder.path, imageOf(entry)),
        texts: entry.texts("sentences", "raw"),
      }));
  return {
    name,
    task: "caption",
    metric: "captions",
    train: rowsOf(["train", "restval"]),
    test: rowsOf(["test"]),
    files: folder.files,
  };
}
