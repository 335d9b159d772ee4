/**
 * Features of pictures on disk, so that they are computed once: numbers in one
 * file, their keys in another, both only appended to.
 *
 * @module
 */

import { join } from "node:path";
import type { PictureStore } from "./picture_store.ts";
import type { Subject } from "./subject.ts";
import type { PictureRef } from "./test_lists.ts";

/** Pictures between two writes. */
const BATCH = 16;

/** Features [d] by picture. */
export class FeatureStore {
  readonly #folder: string;
  readonly #features: Map<string, Float32Array>;

  private constructor(folder: string, features: Map<string, Float32Array>) {
    this.#folder = folder;
    this.#features = features;
  }

  /** Opens the store of a folder for features of so many numbers. */
  static async open(folder: string, width: number): Promise<FeatureStore> {
    await Deno.mkdir(folder, { recursive: true });
    const [numbers, keys] = pathsOf(folder);
    const bytes = await Deno.readFile(numbers).catch(() => new Uint8Array());
    const text = await Deno.readTextFile(keys).catch(() => "");
    const lines = text.split("\n").slice(0, -1);
    const size = 4 * width;
    const count = Math.min(lines.length, Math.floor(bytes.length / size));
    const features = new Map<string, Float32Array>();
    for (let i = 0; i < count; i++) {
      const part = bytes.slice(i * size, (i + 1) * size);
      features.set(lines[i]!, new Float32Array(part.buffer));
    }
    // What was cut short in one file is taken away from both.
    await Deno.writeFile(numbers, bytes.subarray(0, count * size));
    const whole = lines.slice(0, count).map((line) => line + "\n");
    await Deno.writeTextFile(keys, whole.join(""));
    return new FeatureStore(folder, features);
  }

  /** Features of a picture that was added. */
  get(ref: PictureRef): Float32Array {
    return this.#features.get(featureKey(ref))!;
  }

  /** Whether a picture's features are there. */
  has(ref: PictureRef): boolean {
    return this.#features.has(featureKey(ref));
  }

  /** Keeps features; they are on disk when this is over. */
  async add(
    refs: readonly PictureRef[],
    features: readonly Float32Array[],
  ): Promise<void> {
    const [numbers, keys] = pathsOf(this.#folder);
    for (const one of features) {
      const bytes = new Uint8Array(new Float32Array(one).buffer);
      await Deno.writeFile(numbers, bytes, { append: true });
    }
    const lines = refs.map((ref) => featureKey(ref) + "\n").join("");
    await Deno.writeTextFile(keys, lines, { append: true });
    refs.forEach((ref, i) => this.#features.set(featureKey(ref), features[i]!));
  }
}

/** Computes the features that a store lacks. */
export async function fillFeatures(
  store: FeatureStore,
  refs: readonly PictureRef[],
  options: {
    readonly subject: Subject;
    readonly pictures: PictureStore;
    readonly onProgress?: (line: string) => void;
  },
): Promise<void> {
  const { subject, pictures, onProgress = () => {} } = options;
  const unique = new Map(refs.map((ref) => [featureKey(ref), ref]));
  const missing = [...unique.values()].filter((ref) => !store.has(ref));
  const begin = performance.now();
  for (let at = 0; at < missing.length; at += BATCH) {
    const group = missing.slice(at, at + BATCH);
    const paths = group.map((ref) => pictures.pathOf(ref));
    await store.add(group, await subject.features(paths));
    const done = at + group.length;
    const rate = done / (performance.now() - begin) * 1000;
    const left = Math.round((missing.length - done) / rate);
    onProgress(
      `features ${done}/${missing.length} · ${rate.toFixed(1)} pictures/s, ` +
        `about ${left} s left`,
    );
  }
}

function featureKey({ style, hex }: PictureRef): string {
  return `${style}/${hex}`;
}

function pathsOf(folder: string): [numbers: string, keys: string] {
  return [join(folder, "features.f32"), join(folder, "features.txt")];
}
