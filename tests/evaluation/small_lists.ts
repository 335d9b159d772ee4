/**
 * Test lists of a few queries, for tests of the evaluation itself.
 *
 * @module
 */

import type {
  LabelledPicture,
  PictureRef,
  TestLists,
} from "../../evaluation/test_lists.ts";

/** A picture whose file is called as its label. */
export function pictureOf(style: string, label: string): LabelledPicture {
  return { style, hex: label, file: `package/${label}.png`, label };
}

/** Two new-style queries, one set of two episodes, four questions. */
export function smallLists(): TestLists {
  const [dog, cat] = [pictureOf("fluent", "dog"), pictureOf("fluent", "cat")];
  const [owl, bee] = [pictureOf("google", "owl"), pictureOf("google", "bee")];
  const supports: readonly PictureRef[] = [owl, bee];
  const ask = (
    picture: LabelledPicture,
    kind: "what" | "is_it" | "group",
    question: string,
    answer: string,
  ) => ({ ...picture, kind, question, answer });
  return {
    newStyle: {
      shuffled: [1, 0],
      queries: [
        { ...dog, shots: [owl], distractors: ["cat", "bee"] },
        { ...cat, file: "package/cow.png", shots: [bee] },
      ],
    },
    madeUp: {
      sets: [{
        name: "2-way google -> twitter",
        episodes: [
          {
            supports,
            words: ["owl", "bee"],
            answer: 0,
            query: pictureOf("twitter", "owl"),
          },
          {
            supports,
            words: ["owl", "bee"],
            answer: 1,
            query: pictureOf("twitter", "bee"),
          },
        ],
      }],
    },
    questions: {
      shuffled: [1, 0, 3, 2],
      questions: [
        ask(dog, "what", "what is it?", "dog"),
        ask(cat, "what", "what is it?", "cat"),
        ask(dog, "is_it", "is it a dog?", "yes"),
        ask(cat, "is_it", "is it an owl?", "no"),
      ],
    },
    trained: [
      { hex: "dog", label: "dog", group: 3 },
      { hex: "cat", label: "cat", group: 3 },
    ],
    packages: {},
    fingerprintText: "",
  };
}
