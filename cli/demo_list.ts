/**
 * The demo's pictures: which they are, what they show, and their examples.
 *
 * @module
 */

import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** A picture and the text that goes with it. */
export interface LabelledPicture {
  /** Path of its file. */
  readonly path: string;
  /** What it shows. */
  readonly label: string;
}

/** A picture to caption. */
export interface DemoTask extends LabelledPicture {
  /** Whether training saw this concept, drawn differently. */
  readonly isTrained: boolean;
  /** Four examples. */
  readonly shots: readonly LabelledPicture[];
}

/** A made-up word to learn. */
export interface WordTask {
  /** Pictures with made-up words. */
  readonly supports: readonly LabelledPicture[];
  /** Another drawing of one of them, with its word. */
  readonly query: LabelledPicture;
}

/** What the demo does. */
export interface DemoList {
  /** Pictures to caption. */
  readonly tasks: readonly DemoTask[];
  /** The word to learn. */
  readonly word: WordTask;
}

/** A picture in the list's file. */
interface Entry {
  readonly style: string;
  readonly file: string;
}

/** The file. */
interface ListFile {
  readonly pictures: readonly (Entry & {
    readonly label: string;
    readonly trainedConcept: boolean;
    readonly shots: readonly (Entry & { readonly label: string })[];
  })[];
  readonly madeUp: {
    readonly supports: readonly (Entry & { readonly word: string })[];
    readonly query: Entry & { readonly word: string };
  };
}

/** Reads the list that training never saw. */
export async function readDemoList(): Promise<DemoList> {
  const url = new URL("../training/splits/demo.json", import.meta.url);
  const { pictures, madeUp } = JSON.parse(
    await Deno.readTextFile(url),
  ) as ListFile;
  return {
    tasks: pictures.map((entry) => ({
      path: pathOf(entry),
      label: entry.label,
      isTrained: entry.trainedConcept,
      shots: entry.shots.map((shot) => ({
        path: pathOf(shot),
        label: shot.label,
      })),
    })),
    word: {
      supports: madeUp.supports.map(withWord),
      query: withWord(madeUp.query),
    },
  };
}

function withWord(entry: Entry & { readonly word: string }): LabelledPicture {
  return { path: pathOf(entry), label: entry.word };
}

function pathOf({ style, file }: Entry): string {
  const folder = new URL("../tests/pictures/demo/", import.meta.url);
  return fileURLToPath(new URL(`${style}/${basename(file)}`, folder));
}
