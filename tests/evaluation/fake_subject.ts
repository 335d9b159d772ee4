/**
 * A subject whose answers depend on the names of picture files alone.
 *
 * @module
 */

import { basename } from "node:path";
import { PictureStore } from "../../evaluation/picture_store.ts";
import type { Subject } from "../../evaluation/subject.ts";

/** Counts what it is asked. */
export interface FakeSubject extends Subject {
  /** Paths of pictures in the order they were asked about. */
  readonly asked: string[];
}

/**
 * Writes the file's name, and likes the choice that equals it best. Features
 * are the code of its first letter and its length.
 */
export function fakeSubject(): FakeSubject {
  const asked: string[] = [];
  const nameOf = (path: string): string => {
    asked.push(path);
    return basename(path).replace(/\.\w+$/, "");
  };
  return {
    asked,
    write: (requests) =>
      Promise.resolve(requests.map(({ image }) => nameOf(image))),
    rank: (requests) =>
      Promise.resolve(
        requests.map(({ images, choices }) =>
          images.map((image) => {
            const name = nameOf(image);
            return choices.map((choice) => choice === name ? -1 : -2);
          })
        ),
      ),
    features: (paths) =>
      Promise.resolve(paths.map((path) => {
        const name = nameOf(path);
        return new Float32Array([name.charCodeAt(0), name.length]);
      })),
  };
}

/** A store that needs no files: paths are `/STYLE/FILE`. */
export function fakePictures(): PictureStore {
  const styles = ["google", "twitter", "fluent"];
  return new PictureStore(new Map(styles.map((style) => [style, `/${style}`])));
}
