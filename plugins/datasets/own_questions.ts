/**
 * One's own questions or captions as JSON lines.
 *
 * @module
 */

import { join } from "node:path";
import type {
  Dataset,
  DatasetRow,
} from "../../models/tasks/evaluation/dataset.ts";
import type { DatasetFolder } from "./dataset_folder.ts";

/**
 * `train.jsonl` and `test.jsonl`, a line `{"image":"a.png","question":"…",
 * "answers":["…"]}`, or `"captions"` in place of both; paths are relative to
 * the folder.
 */
export async function readOwnQuestions(
  folder: DatasetFolder,
): Promise<Dataset> {
  const rowsOf = async (name: string): Promise<DatasetRow[]> =>
    (await folder.lines([name])).map((entry, i) => {
      const image = join(folder.path, entry.text("image"));
      const id = entry.has("id") ? entry.text("id") : `${name}:${i + 1}`;
      return entry.has("question")
        ? {
          id,
          image,
          question: entry.text("question"),
          texts: entry.texts("answers"),
        }
        : { id, image, texts: entry.texts("captions") };
    });
  const train = await rowsOf("train.jsonl"), test = await rowsOf("test.jsonl");
  const isAsked = test.some(({ question }) => question !== undefined);
  return {
    name: "questions",
    task: isAsked ? "answer" : "caption",
    metric: isAsked ? "vqa" : "captions",
    train,
    test,
    files: folder.files,
  };
}
