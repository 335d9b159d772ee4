/**
 * The baseline without any training: the nearest picture by the encoder's own
 * features. Each style is centred on its trained concepts, vectors have length
 * 1, and nearness is their cosine.
 *
 * @module
 */

import type { FeatureStore } from "./feature_store.ts";
import type { PictureStore } from "./picture_store.ts";
import type { Concept, Episode, PictureRef, TestLists } from "./test_lists.ts";
import { bestOf } from "./text_metrics.ts";

/** Styles of the gallery: those trained on that packages have as pictures. */
const GALLERY_STYLES = ["google", "twitter"] as const;

/** A trained concept's picture. */
export interface GalleryPicture extends PictureRef {
  /** What it shows. */
  readonly concept: Concept;
}

/** All trained concepts in the gallery's styles. */
export async function listGallery(
  trained: readonly Concept[],
  pictures: PictureStore,
): Promise<GalleryPicture[]> {
  const gallery: GalleryPicture[] = [];
  for (const style of GALLERY_STYLES) {
    const drawings = await pictures.drawingsOf(style);
    for (const concept of trained) {
      const ref = drawings.get(concept.hex);
      if (ref !== undefined) gallery.push({ ...ref, concept });
    }
  }
  return gallery;
}

/** Pictures of trained concepts in the test's style, whose mean centres it. */
export function listTestPictures(
  { newStyle, questions }: TestLists,
): PictureRef[] {
  return [...newStyle.queries, ...questions.questions];
}

/** Finds nearest pictures; every feature must be in the store. */
export class NearestNeighbour {
  readonly #features: FeatureStore;
  readonly #means = new Map<string, Float32Array>();
  readonly #gallery: readonly {
    readonly concept: Concept;
    readonly unit: Float32Array;
  }[];

  /** Centres each style on `gallery` and `tests`. */
  constructor(
    features: FeatureStore,
    gallery: readonly GalleryPicture[],
    tests: readonly PictureRef[],
  ) {
    this.#features = features;
    for (const style of new Set([...gallery, ...tests].map((p) => p.style))) {
      const own = [...gallery, ...tests].filter((p) => p.style === style);
      const unique = new Map(own.map((ref) => [ref.hex, ref])).values();
      this.#means.set(style, meanOf([...unique].map((p) => features.get(p))));
    }
    this.#gallery = gallery.map((picture) => ({
      concept: picture.concept,
      unit: this.#unit(picture),
    }));
  }

  /** The trained concept that a picture is nearest to. */
  concept(picture: PictureRef): Concept {
    const unit = this.#unit(picture);
    const scores = this.#gallery.map((entry) => dot(entry.unit, unit));
    return this.#gallery[bestOf(scores)]!.concept;
  }

  /** Nearness of a picture to each label's nearest picture. */
  rank(picture: PictureRef, labels: readonly string[]): number[] {
    const unit = this.#unit(picture);
    const best = new Map(labels.map((label) => [label, -Infinity]));
    for (const { concept: { label }, unit: other } of this.#gallery) {
      const known = best.get(label);
      if (known !== undefined) {
        best.set(label, Math.max(known, dot(other, unit)));
      }
    }
    return labels.map((label) => best.get(label)!);
  }

  /** Place of the support that an episode's query is nearest to. */
  support({ supports, query }: Episode): number {
    const unit = this.#unit(query);
    return bestOf(supports.map((support) => dot(this.#unit(support), unit)));
  }

  #unit(picture: PictureRef): Float32Array {
    const mean = this.#means.get(picture.style)!;
    const centred = this.#features.get(picture).map((v, d) => v - mean[d]!);
    const length = Math.sqrt(dot(centred, centred)) || 1;
    return centred.map((value) => value / length);
  }
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) vector.forEach((v, d) => mean[d]! += v);
  return Float32Array.from(mean, (sum) => sum / vectors.length);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
