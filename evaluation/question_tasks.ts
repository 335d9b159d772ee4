/**
 * Questions about pictures in a style that was never trained on.
 *
 * @module
 */

import type { PictureStore } from "./picture_store.ts";
import type { Answer } from "./journal.ts";
import type { Subject } from "./subject.ts";
import type { Task } from "./task.ts";
import { GROUP_NAMES, type Question, type TestLists } from "./test_lists.ts";
import { bestOf } from "./text_metrics.ts";

/** What the model chooses among. */
export const CHOICES: Readonly<Record<"group" | "is_it", readonly string[]>> = {
  group: Object.values(GROUP_NAMES),
  is_it: ["yes", "no"],
};

/** The questions, then the same with other pictures. */
export function questionTasks(
  { questions, shuffled }: TestLists["questions"],
  store: PictureStore,
): Task[] {
  const count = questions.length;
  const task = (name: string, pictureOf: (n: number) => Question): Task => ({
    name: `questions/${name}`,
    count,
    batch: 12,
    cost: 2,
    async answer(subject, numbers) {
      const asked = numbers.map((n) => ({
        question: questions[n]!,
        image: store.pathOf(pictureOf(n)),
      }));
      return await answerAll(subject, asked);
    },
  });
  return [
    task("own", (n) => questions[n]!),
    task("shuffled", (n) => questions[shuffled[n]!]!),
  ];
}

/** The text of an answer: written, or the likeliest choice. */
export function answerText({ kind }: Question, answer: Answer): string {
  const { text, scores } = answer;
  if (kind === "what" || scores === undefined) return text ?? "";
  return CHOICES[kind][bestOf(scores)] ?? "";
}

async function answerAll(
  subject: Subject,
  asked: readonly { readonly question: Question; readonly image: string }[],
): Promise<Answer[]> {
  const answers: Answer[] = asked.map(() => ({}));
  const written = [...asked.keys()].filter((i) =>
    asked[i]!.question.kind === "what"
  );
  const texts = await subject.write(written.map((i) => ({
    examples: [],
    image: asked[i]!.image,
    question: asked[i]!.question.question,
  })));
  written.forEach((place, i) => answers[place] = { text: texts[i]! });
  const ranked = [...asked.keys()].filter((i) => !written.includes(i));
  const scores = await subject.rank(ranked.map((i) => {
    const { question: { kind, question }, image } = asked[i]!;
    const choices = CHOICES[kind as "group" | "is_it"];
    return { examples: [], images: [image], question, choices };
  }));
  ranked.forEach((place, i) => answers[place] = { scores: scores[i]![0]! });
  return answers;
}
