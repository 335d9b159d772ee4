/**
 * Trained concepts in a drawing style that was never trained on: captions
 * without and with examples, and the right label among a hundred.
 *
 * @module
 */

import type { PictureStore } from "./picture_store.ts";
import type { Example, WriteRequest } from "./subject.ts";
import type { Task } from "./task.ts";
import type {
  LabelledPicture,
  NewStyleQuery,
  TestLists,
} from "./test_lists.ts";

/** Of the ranked queries, how many are ranked with another picture too. */
const RANKED_SHUFFLED = 25;

/** The tasks; `rank` has the right label first. */
export function newStyleTasks(
  { queries, shuffled }: TestLists["newStyle"],
  store: PictureStore,
): Task[] {
  const ranked = queries.filter(({ distractors }) => distractors);
  const writing = (
    name: string,
    cost: number,
    requestOf: (query: NewStyleQuery) => WriteRequest,
  ): Task => ({
    name: `new_style/${name}`,
    count: queries.length,
    batch: 16,
    cost,
    async answer(subject, numbers) {
      const requests = numbers.map((n) => requestOf(queries[n]!));
      const texts = await subject.write(requests);
      return texts.map((text) => ({ text }));
    },
  });
  return [
    writing("zero", 1, (query) => ({
      examples: [],
      image: store.pathOf(query),
    })),
    writing("four", 3, (query) => ({
      examples: query.shots.map((shot) => exampleOf(store, shot)),
      image: store.pathOf(query),
    })),
    {
      name: "new_style/rank",
      count: ranked.length,
      batch: 1,
      cost: 30,
      async answer(subject, numbers) {
        const requests = numbers.map((n) => {
          const { label, distractors } = ranked[n]!;
          const other = queries[shuffled[n]!]!;
          const shown = n < RANKED_SHUFFLED
            ? [ranked[n]!, other]
            : [ranked[n]!];
          return {
            examples: [],
            images: shown.map((query) => store.pathOf(query)),
            choices: [label, ...distractors!],
          };
        });
        const scores = await subject.rank(requests);
        return scores.map(([own, other]) => ({
          scores: own!,
          ...(other ? { shuffledScores: other } : {}),
        }));
      },
    },
  ];
}

function exampleOf(store: PictureStore, shot: LabelledPicture): Example {
  return { image: store.pathOf(shot), text: shot.label };
}
