/**
 * The committed test lists: every query and episode is written down, nothing
 * is drawn when a model is evaluated.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";

/** A picture of a test. */
export interface PictureRef {
  /** Drawing style, a key of {@linkcode TestLists.packages}. */
  readonly style: string;
  /** Code points, joined by `-`. */
  readonly hex: string;
  /** Path in the style's archive, below `package/`. */
  readonly file: string;
}

/** A picture with its right label. */
export interface LabelledPicture extends PictureRef {
  /** Right label. */
  readonly label: string;
}

/** A trained concept in a style that was never trained on. */
export interface NewStyleQuery extends LabelledPicture {
  /** Examples of other concepts. */
  readonly shots: readonly LabelledPicture[];
  /** Wrong labels to rank among; only some queries have them. */
  readonly distractors?: readonly string[];
}

/** Words learnt from one example each, then one used on a new picture. */
export interface Episode {
  /** The examples. */
  readonly supports: readonly PictureRef[];
  /** Their words. */
  readonly words: readonly string[];
  /** Place of the right word. */
  readonly answer: number;
  /** The new picture. */
  readonly query: PictureRef;
}

/** Episodes of one kind. */
export interface EpisodeSet {
  /** e.g. `"4-way google -> twitter"`. */
  readonly name: string;
  /** The episodes. */
  readonly episodes: readonly Episode[];
}

/** A question about a picture. */
export interface Question extends LabelledPicture {
  /** What is asked for: a name, a group, or yes and no. */
  readonly kind: "what" | "group" | "is_it";
  /** The question. */
  readonly question: string;
  /** The right answer. */
  readonly answer: string;
}

/** A concept of the split. */
export interface Concept {
  /** Code points, joined by `-`. */
  readonly hex: string;
  /** Its label. */
  readonly label: string;
  /** Number of its group, see {@linkcode GROUP_NAMES}. */
  readonly group: number;
}

/** Groups of concepts as questions name them. */
export const GROUP_NAMES: Readonly<Record<number, string>> = {
  0: "smileys and emotion",
  1: "people and body",
  3: "animals and nature",
  4: "food and drink",
  5: "travel and places",
  6: "activities",
  7: "objects",
  8: "symbols",
  9: "flags",
};

/** All lists. */
export interface TestLists {
  /** New style; `shuffled[i]` is the query whose picture query i gets. */
  readonly newStyle: {
    readonly shuffled: readonly number[];
    readonly queries: readonly NewStyleQuery[];
  };
  /** Made-up words. */
  readonly madeUp: { readonly sets: readonly EpisodeSet[] };
  /** Questions; `shuffled[i]` is the one whose picture question i gets. */
  readonly questions: {
    readonly shuffled: readonly number[];
    readonly questions: readonly Question[];
  };
  /** Trained concepts. */
  readonly trained: readonly Concept[];
  /** Archive of each style. */
  readonly packages: Readonly<
    Record<string, { readonly package: string; readonly sha256: string }>
  >;
  /** Text of all files, for telling runs apart. */
  readonly fingerprintText: string;
}

const FILES = [
  "new_style",
  "made_up",
  "questions",
  "train",
  "packages",
] as const;

/** Reads the lists of a folder, by default the repository's own. */
export async function readTestLists(
  folder: URL = new URL("../training/splits/", import.meta.url),
): Promise<TestLists> {
  const texts = await Promise.all(FILES.map((name) => readList(folder, name)));
  const [newStyle, madeUp, questions, trained, packages] = texts.map((text) =>
    JSON.parse(text)
  );
  const fingerprintText = texts.join("");
  return { newStyle, madeUp, questions, trained, packages, fingerprintText };
}

async function readList(folder: URL, name: string): Promise<string> {
  const url = new URL(`${name}.json`, folder);
  try {
    return await Deno.readTextFile(url);
  } catch (cause) {
    throw new RookeryError(
      "file",
      `Cannot read the test list ${url.pathname} as ${
        (cause as Error).message
      }: evaluate in a checkout of the repository, which holds the lists`,
      { path: url.pathname, cause },
    );
  }
}
