import assert from "node:assert/strict";
import fc from "fast-check";
import {
  balancedSelection,
  type ChosenShot,
  orderShots,
  permutationsOf,
  randomSelection,
  type Shot,
} from "../../mod.ts";

/** Pool of as many shots of class a, b, … as the numbers say. */
function poolOf(...counts: readonly number[]): Shot[] {
  return counts.flatMap((count, i) =>
    Array.from({ length: count }, (_, k) => ({
      image: `${i}/${k}.png`,
      text: String.fromCharCode(97 + i),
    }))
  );
}

function textsOf(chosen: readonly ChosenShot[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { shot } of chosen) {
    const text = "text" in shot ? shot.text : shot.answer;
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

Deno.test("randomSelection() draws different shots, the same for a seed", async () => {
  const pool = poolOf(5, 4);
  const choose = (seed: number, count = 4) =>
    randomSelection().choose(pool, { count, seed });
  const first = await choose(3);
  assert.equal(new Set(first.map(({ place }) => place)).size, 4);
  for (const { place, shot } of first) assert.equal(shot, pool[place]);
  assert.deepEqual(await choose(3), first);
  assert.notDeepEqual(await choose(4), first);
  const all = await choose(1, 9);
  assert.deepEqual(all.map(({ place }) => place).sort(), [...pool.keys()]);
  const seen = new Set<number>();
  for (let seed = 0; seed < 60; seed++) {
    for (const { place } of await choose(seed, 1)) seen.add(place);
  }
  assert.equal(seen.size, 9);
});

Deno.test("randomSelection() keeps to the places that it is given", async () => {
  const request = { count: 2, among: [1, 6] };
  const chosen = await randomSelection().choose(poolOf(5, 4), request);
  assert.deepEqual(chosen.map(({ place }) => place).sort(), [1, 6]);
});

Deno.test("selections refuse more shots than there are, and name the class", async () => {
  await assert.rejects(
    randomSelection().choose(poolOf(3), { count: 4 }),
    /Cannot choose 4 demonstrations of the pool as it has 3/,
  );
  await assert.rejects(
    balancedSelection().choose(poolOf(5, 1), { count: 4 }),
    /Cannot choose 2 demonstrations of class "b" as it has 1/,
  );
  await assert.rejects(
    randomSelection().choose(poolOf(3), { count: 1.5 }),
    /whole number/,
  );
});

Deno.test("balancedSelection() gives classes equal shares, by lot in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(10),
      fc.nat(1000),
      async (count, seed) => {
        const request = { count, seed };
        const chosen = await balancedSelection().choose(
          poolOf(4, 6, 5),
          request,
        );
        const counts = Object.values(textsOf(chosen));
        assert.equal(chosen.length, count);
        assert.equal(new Set(chosen.map(({ place }) => place)).size, count);
        const share = Math.floor(count / 3);
        assert.ok(counts.every((n) => n === share || n === share + 1));
      },
    ),
    { numRuns: 40, seed: 1 },
  );
  const orders = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const chosen = await balancedSelection().choose(poolOf(2, 2), {
      count: 2,
      seed,
    });
    orders.add(Object.keys(textsOf(chosen)).join());
  }
  assert.deepEqual([...orders].sort(), ["a,b", "b,a"]);
});

Deno.test("orderShots() orders by name", () => {
  const shots = poolOf(4);
  const chosen = [0.1, 0.9, 0.5, 0.9].map((similarity, place) => ({
    place,
    shot: shots[place]!,
    similarity,
  }));
  const places = (all: readonly ChosenShot[]) => all.map(({ place }) => place);
  assert.deepEqual(places(orderShots(chosen, "given")), [0, 1, 2, 3]);
  assert.deepEqual(places(orderShots(chosen, "reversed")), [3, 2, 1, 0]);
  assert.deepEqual(places(orderShots(chosen, "similar-last")), [0, 2, 1, 3]);
  assert.deepEqual(places(orderShots(chosen, "similar-first")), [1, 3, 2, 0]);
  const drawn = places(orderShots(chosen, "random", 5));
  assert.deepEqual(places(orderShots(chosen, "random", 5)), drawn);
  assert.deepEqual(drawn.toSorted(), [0, 1, 2, 3]);
  const unknown = shots.map((shot, place) => ({ shot, place }));
  assert.throws(() => orderShots(unknown, "similar-last"), /rices/);
});

Deno.test("permutationsOf() gives different orders, all where there are few", () => {
  assert.deepEqual(permutationsOf(0, { most: 6 }), [[]]);
  assert.deepEqual(
    permutationsOf(2, { most: 6 }).sort(),
    [[0, 1], [1, 0]],
  );
  assert.equal(permutationsOf(3, { most: 10 }).length, 6);
  const six = permutationsOf(9, { most: 6, seed: 2 });
  assert.equal(new Set(six.map(String)).size, 6);
  for (const order of six) {
    assert.deepEqual(order.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  }
  assert.deepEqual(permutationsOf(9, { most: 6, seed: 2 }), six);
});
