/**
 * Results on questions.
 *
 * @module
 */

import type { Journal } from "./journal.ts";
import type { NearestNeighbour } from "./nearest_neighbour.ts";
import { answerText } from "./question_tasks.ts";
import {
  answersOf,
  defined,
  meanPercent,
  percent,
  type ResultRow,
} from "./result_row.ts";
import {
  type Concept,
  GROUP_NAMES,
  type Question,
  type TestLists,
} from "./test_lists.ts";
import { mostFrequent } from "./text_metrics.ts";

/** How far the model must be above the better baseline, in points. */
const POINTS = 25;

const KINDS = { what: "what is it", is_it: "is it a …", group: "which group" };

/** A question with the answers given to it. */
interface Answered {
  readonly question: Question;
  readonly own: string;
  readonly shuffled: string | undefined;
}

/** A row for all questions, then one for each kind. */
export function questionRows(
  { questions: { questions } }: TestLists,
  journal: Journal,
  nearest?: NearestNeighbour,
): ResultRow[] {
  const textsOf = (task: string) =>
    new Map(
      answersOf(journal, task, questions.length).map(({ number, answer }) =>
        [number, answerText(questions[number]!, answer)] as const
      ),
    );
  const shuffled = textsOf("questions/shuffled");
  const answered = [...textsOf("questions/own")].map(([n, own]) => ({
    question: questions[n]!,
    own,
    shuffled: shuffled.get(n),
  }));
  if (answered.length === 0) return [];
  const usual = usualAnswers(questions);
  const all = rowOf("Questions about the new style, all", answered, {
    usual,
    nearest,
  });
  const better = Math.max(all.mostFrequent ?? 0, all.shuffled ?? 0);
  const kinds = Object.entries(KINDS).flatMap(([kind, words]) => {
    const some = answered.filter(({ question }) => question.kind === kind);
    if (some.length === 0) return [];
    return [rowOf(`… ${words}`, some, { usual, nearest })];
  });
  return [{ ...all, atLeast: (better + POINTS).toFixed(1) }, ...kinds];
}

function rowOf(
  test: string,
  answered: readonly Answered[],
  { usual, nearest }: {
    readonly usual: ReadonlyMap<string, string>;
    readonly nearest: NearestNeighbour | undefined;
  },
): ResultRow {
  const hits = (guessOf: (one: Answered) => string | undefined) =>
    answered.flatMap((one) => {
      const guess = guessOf(one);
      if (guess === undefined) return [];
      return [guess === one.question.answer ? 1 : 0];
    });
  return defined<ResultRow>({
    test,
    result: percent(hits(({ own }) => own)),
    mostFrequent: meanPercent(hits(({ question }) => usual.get(question.kind))),
    shuffled: meanPercent(hits(({ shuffled }) => shuffled)),
    nearest: nearest && meanPercent(
      hits(({ question }) => nearAnswer(question, nearest.concept(question))),
    ),
  });
}

/** The commonest answer to each kind of question. */
function usualAnswers(questions: readonly Question[]): Map<string, string> {
  return new Map(
    Object.keys(KINDS).map((kind) => [
      kind,
      mostFrequent(
        questions.filter((question) => question.kind === kind)
          .map(({ answer }) => answer),
      ),
    ]),
  );
}

/** What one would answer who takes the picture for its nearest neighbour. */
function nearAnswer(
  { kind, question }: Question,
  { label, group }: Concept,
): string | undefined {
  if (kind === "what") return label;
  if (kind === "group") return GROUP_NAMES[group];
  const thing = question.replace(/^is it (an? )?/, "").replace(/\?$/, "");
  return thing === label ? "yes" : "no";
}
