/**
 * Datasets by name.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Dataset } from "../../models/tasks/evaluation/dataset.ts";
import { DatasetFolder } from "./dataset_folder.ts";
import { readCoco, readFlickr30k } from "./karpathy_split.ts";
import { readClasses, readHatefulMemes, readImageNet } from "./label_sets.ts";
import { readOwnQuestions } from "./own_questions.ts";
import {
  readOkVqa,
  readTextVqa,
  readVizWiz,
  readVqaV2,
} from "./question_sets.ts";

const READERS: Readonly<
  Record<string, (folder: DatasetFolder) => Promise<Dataset>>
> = {
  coco: readCoco,
  flickr30k: readFlickr30k,
  vqav2: readVqaV2,
  "ok-vqa": readOkVqa,
  textvqa: readTextVqa,
  vizwiz: readVizWiz,
  "hateful-memes": readHatefulMemes,
  imagenet: readImageNet,
  classes: readClasses,
  questions: readOwnQuestions,
};

/** Names that {@link readDataset} knows. */
export const DATASET_NAMES: readonly string[] = Object.keys(READERS);

/**
 * Reads a dataset in its published format; docs/evaluation.md has the files.
 *
 * @throws {RookeryError} `usage` for an unknown name, `file` for a file that
 * is missing or wrong, with its entry
 */
export async function readDataset(
  name: string,
  path: string,
): Promise<Dataset> {
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (read !== undefined) return await read(new DatasetFolder(path));
  throw new RookeryError(
    "usage",
    `Cannot read a dataset "${name}": known are ${DATASET_NAMES.join(", ")}`,
    { expected: DATASET_NAMES, actual: name },
  );
}
