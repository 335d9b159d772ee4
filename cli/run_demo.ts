/**
 * The demo itself: pictures captioned without and with examples, then a
 * made-up word.
 *
 * @module
 */

import { classify, describe, type Flamingo, type Shot } from "../mod.ts";
import type {
  DemoList,
  DemoTask,
  LabelledPicture,
  WordTask,
} from "./demo_list.ts";
import type { DemoPicture, DemoWord, JudgedCaption } from "./demo_report.ts";

/** Made-up words that no picture teaches, to be ranked beside the others. */
const OTHER_WORDS = ["blick", "toma", "fep"] as const;

/** What `runDemo` found. */
export interface DemoFindings {
  /** Captions. */
  readonly pictures: readonly DemoPicture[];
  /** The made-up word. */
  readonly word: DemoWord;
  /** Milliseconds from the program's start to the first caption. */
  readonly firstCaptionMs: number;
}

/** Runs the list; calls `onPicture` after each picture. */
export async function runDemo(
  model: Flamingo,
  list: DemoList,
  onPicture: (picture: DemoPicture) => void,
): Promise<DemoFindings> {
  const pictures: DemoPicture[] = [];
  let firstCaptionMs = 0;
  for (const task of list.tasks) {
    const zeroShot = await caption(model, task, []);
    firstCaptionMs ||= performance.now();
    const fourShot = await caption(model, task, shotsOf(task.shots));
    const picture = { ...task, zeroShot, fourShot };
    pictures.push(picture);
    onPicture(picture);
  }
  const word = await learnWord(model, list.word);
  return { pictures, word, firstCaptionMs };
}

async function learnWord(model: Flamingo, task: WordTask): Promise<DemoWord> {
  const shots = shotsOf(task.supports);
  const written = await caption(model, task.query, shots);
  const words = [
    ...new Set([...task.supports.map(({ label }) => label), ...OTHER_WORDS]),
  ];
  const query = { image: task.query.path };
  const { label, scores } = await classify(model, query, words, { shots });
  const ranking = Object.entries(scores)
    .map(([word, score]) => ({ word, score }))
    .sort((a, b) => b.score - a.score);
  return { ...task, written, ranking, isRight: label === task.query.label };
}

async function caption(
  model: Flamingo,
  { path, label }: LabelledPicture | DemoTask,
  shots: readonly Shot[],
): Promise<JudgedCaption> {
  const { samples: _, ...found } = await describe(
    model,
    { image: path },
    { shots },
  );
  const isRight = found.text.toLowerCase() === label.toLowerCase();
  return { ...found, isRight };
}

function shotsOf(pictures: readonly LabelledPicture[]): Shot[] {
  return pictures.map(({ path, label }) => ({ image: path, text: label }));
}
