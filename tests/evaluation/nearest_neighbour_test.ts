import assert from "node:assert/strict";
import { FeatureStore, fillFeatures } from "../../evaluation/feature_store.ts";
import {
  type GalleryPicture,
  NearestNeighbour,
} from "../../evaluation/nearest_neighbour.ts";
import { fakePictures, fakeSubject } from "./fake_subject.ts";
import { pictureOf } from "./small_lists.ts";

/** Features on two axes, far from zero, as another style shifts them. */
const FEATURES: Readonly<Record<string, readonly [number, number]>> = {
  "google/dog": [11, 10],
  "google/cat": [9, 10],
  "google/owl": [10, 11],
  "google/bee": [10, 9],
  "fluent/dog": [-4, -5],
  "fluent/cat": [-6, -5.2],
  "fluent/owl": [-5.1, -4],
  "fluent/bee": [-4.9, -5.8],
};
const LABELS = ["dog", "cat", "owl", "bee"];

async function neighbours(): Promise<NearestNeighbour> {
  const folder = await Deno.makeTempDir();
  try {
    const store = await FeatureStore.open(folder, 2);
    const of = (style: string) => LABELS.map((l) => pictureOf(style, l));
    for (const ref of [...of("google"), ...of("fluent")]) {
      const values = FEATURES[`${ref.style}/${ref.label}`]!;
      await store.add([ref], [new Float32Array(values)]);
    }
    const gallery: GalleryPicture[] = of("google").map((ref) => ({
      ...ref,
      concept: { hex: ref.hex, label: ref.label, group: 3 },
    }));
    return new NearestNeighbour(store, gallery, of("fluent"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("NearestNeighbour centres each style on its own mean", async () => {
  const nearest = await neighbours();
  for (const label of LABELS) {
    assert.equal(nearest.concept(pictureOf("fluent", label)).label, label);
  }
});

Deno.test("NearestNeighbour ranks labels and finds an episode's support", async () => {
  const nearest = await neighbours();
  const scores = nearest.rank(pictureOf("fluent", "owl"), [
    "bee",
    "owl",
    "dog",
  ]);
  assert.equal(scores.indexOf(Math.max(...scores)), 1);
  const supports = ["cat", "bee"].map((label) => pictureOf("google", label));
  const query = pictureOf("fluent", "bee");
  const episode = { supports, words: ["a", "b"], answer: 1, query };
  assert.equal(nearest.support(episode), 1);
});

Deno.test("FeatureStore keeps features, and drops what was cut short", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const refs = ["dog", "ox", "heron"].map((l) => pictureOf("google", l));
    const subject = fakeSubject();
    const options = { subject, pictures: fakePictures() };
    await fillFeatures(await FeatureStore.open(folder, 2), refs, options);
    const size = (await Deno.stat(`${folder}/features.f32`)).size;
    assert.equal(size, 3 * 8);
    await Deno.truncate(`${folder}/features.f32`, size - 3);
    const store = await FeatureStore.open(folder, 2);
    assert.equal(store.has(refs[2]!), false);
    assert.deepEqual([...store.get(refs[1]!)], ["o".charCodeAt(0), 2]);
    subject.asked.length = 0;
    await fillFeatures(store, [...refs, ...refs], options);
    assert.deepEqual(subject.asked, ["/google/heron.png"]);
    const again = await FeatureStore.open(folder, 2);
    assert.deepEqual([...again.get(refs[2]!)], ["h".charCodeAt(0), 5]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
