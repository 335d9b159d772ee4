/**
 * Words that mean nothing, learnt from one example each, of concepts that were
 * never trained on in any style.
 *
 * @module
 */

import type { PictureStore } from "./picture_store.ts";
import type { Task } from "./task.ts";
import type { EpisodeSet, TestLists } from "./test_lists.ts";

/** One task a set; scores are in the order of the episode's words. */
export function madeUpTasks(
  { sets }: TestLists["madeUp"],
  store: PictureStore,
): Task[] {
  return sets.map((set) => ({
    name: madeUpName(set),
    count: set.episodes.length,
    batch: 4,
    cost: set.name.startsWith("8") ? 8 : 4,
    async answer(subject, numbers) {
      const requests = numbers.map((n) => {
        const { supports, words, query } = set.episodes[n]!;
        const examples = supports.map((ref, i) => ({
          image: store.pathOf(ref),
          text: words[i]!,
        }));
        const other = set.episodes[(n + 1) % set.episodes.length]!.query;
        const images = [store.pathOf(query), store.pathOf(other)];
        return { examples, images, choices: words };
      });
      const scores = await subject.rank(requests);
      return scores.map(([own, other]) => ({
        scores: own!,
        shuffledScores: other!,
      }));
    },
  }));
}

/** Name of a set's task. */
export function madeUpName({ name }: EpisodeSet): string {
  return `made_up/${name}`;
}
