import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import {
  balancedSelection,
  FeatureSearch,
  flamingoEncoder,
  orderShots,
  ricesSelection,
  type Shot,
} from "../../mod.ts";
import { createRandom } from "../support/random.ts";
import {
  tinyFlamingo,
  tinyLanguageModel,
  tinyPicture,
} from "../support/tiny_model.ts";
import { TINY } from "../support/tiny_weights.ts";

const PICTURES = Array.from({ length: 9 }, (_, i) => tinyPicture(i));
const SHOTS: readonly Shot[] = PICTURES.map((image, i) => ({
  image,
  text: "abc"[i % 3]!,
}));

/** Vectors [d] of seeded numbers, of length 1. */
function unitVectors(count: number, width: number): Float32Array[] {
  const random = createRandom(7);
  return Array.from({ length: count }, () => {
    const vector = Float32Array.from({ length: width }, () => random() - 0.5);
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  });
}

const dot = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

for (const choice of ["auto", "cpu"] as const) {
  Deno.test(`FeatureSearch finds what a plain search finds on ${choice}`, async () => {
    using device = await createDevice({ device: choice });
    for (const [count, width] of [[1, 5], [37, 20], [300, 33]] as const) {
      const vectors = unitVectors(count, width);
      using search = await FeatureSearch.open(device, vectors);
      for (const query of unitVectors(3, width)) {
        const expected = vectors.map((vector) => dot(vector, query));
        const found = await search.similarities(query);
        assert.ok(
          found.every((value, i) => Math.abs(value - expected[i]!) < 1e-5),
        );
        const nearest = await search.nearest(query, 5);
        const sorted = [...expected.keys()]
          .sort((a, b) => expected[b]! - expected[a]!).slice(0, 5);
        assert.deepEqual(nearest.map(({ place }) => place), sorted);
      }
    }
    assert.equal(device.memory.heldBytes, 0);
  });
}

Deno.test("FeatureSearch keeps to places, and earlier ones come first of equals", async () => {
  using device = await createDevice({ device: "cpu" });
  const [a, b] = unitVectors(2, 4) as [Float32Array, Float32Array];
  using search = await FeatureSearch.open(device, [b, a, b, a]);
  const places = async (count: number, among?: number[]) =>
    (await search.nearest(a, count, among)).map(({ place }) => place);
  assert.deepEqual(await places(4), [1, 3, 0, 2]);
  assert.deepEqual(await places(2, [0, 3]), [3, 0]);
  await assert.rejects(
    search.nearest(new Float32Array(3), 1),
    /vector of 3 numbers with vectors of 4/,
  );
  await assert.rejects(FeatureSearch.open(device, []), /no vectors/);
  await assert.rejects(
    FeatureSearch.open(device, [a, new Float32Array(3)]),
    /number 1 has 3 numbers where the first has 4/,
  );
});

Deno.test("flamingoEncoder() gives unit means of the encoder's features", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const encoder = flamingoEncoder(model);
  assert.equal(encoder.width, TINY.visionWidth);
  const vectors = await encoder.embed(PICTURES.slice(0, 5));
  const pixels = PICTURES.slice(0, 5).map((each) => model.image!.process(each));
  const { features } = await model.engine.describePictures(pixels);
  const size = features.length / 5, { width } = encoder;
  for (const [i, vector] of vectors.entries()) {
    const own = features.subarray(i * size, (i + 1) * size);
    const mean = Float32Array.from({ length: width }, (_, d) => {
      let sum = 0;
      for (let at = d; at < size; at += width) sum += own[at]!;
      return sum;
    });
    const length = Math.hypot(...mean);
    for (let d = 0; d < width; d++) {
      assert.ok(Math.abs(vector[d]! - mean[d]! / length) < 1e-5);
    }
  }
  assert.deepEqual(await encoder.embed([]), []);
  using other = await tinyFlamingo(device, { seed: 2 });
  using again = await tinyFlamingo(device, { gates: 0 });
  assert.equal(flamingoEncoder(again).identity, encoder.identity);
  assert.notEqual(flamingoEncoder(other).identity, encoder.identity);
  using blind = await tinyLanguageModel(device);
  assert.throws(() => flamingoEncoder(blind), /without vision/);
});

Deno.test("ricesSelection() equals a plain reference, alone and within classes", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const encoder = flamingoEncoder(model);
  const vectors = await encoder.embed(PICTURES);
  using search = await FeatureSearch.open(device, vectors);
  const rices = ricesSelection({ encoder, search });
  const image = tinyPicture(40);
  const [query] = await encoder.embed([image]);
  const cosines = vectors.map((vector) => dot(vector, query!));
  const ranked = [...cosines.keys()].sort((a, b) => cosines[b]! - cosines[a]!);
  const chosen = await rices.choose(SHOTS, { query: { image }, count: 4 });
  assert.deepEqual(chosen.map(({ place }) => place), ranked.slice(0, 4));
  const last = orderShots(chosen, "similar-last").at(-1)!;
  assert.equal(last.place, ranked[0]);
  assert.ok(Math.abs(last.similarity! - cosines[ranked[0]!]!) < 1e-5);
  // A picture of the pool is most like itself.
  const own = await rices.choose(SHOTS, {
    query: { image: PICTURES[5]! },
    count: 1,
  });
  assert.equal(own[0]!.place, 5);
  const balanced = await balancedSelection(rices).choose(SHOTS, {
    query: { image },
    count: 3,
  });
  const wanted = [0, 1, 2].map((i) => ranked.find((place) => place % 3 === i)!);
  assert.deepEqual(
    balanced.map(({ place }) => place).toSorted(),
    wanted.toSorted(),
  );
  await assert.rejects(rices.choose(SHOTS, { count: 1 }), /no query/);
  await assert.rejects(
    rices.choose(SHOTS.slice(1), { query: { image }, count: 1 }),
    /9 vectors for 8 demonstrations/,
  );
});
