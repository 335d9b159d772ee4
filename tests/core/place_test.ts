import assert from "node:assert/strict";
import fc from "fast-check";
import { type Lifetime, placeByLiveness } from "../../core/webgpu/place.ts";

const lifetimes = fc.array(
  fc.record({
    bytes: fc.integer({ min: 1, max: 1000 }),
    start: fc.integer({ min: 0, max: 30 }),
    length: fc.integer({ min: 0, max: 10 }),
  }),
  { maxLength: 40 },
).map((values) =>
  values.map(({ bytes, start, length }, key): Lifetime<number> => ({
    key,
    bytes,
    start,
    end: start + length,
  }))
);

Deno.test("placeByLiveness() never gives values alive together one slot", () => {
  fc.assert(
    fc.property(lifetimes, (values) => {
      const { slots, slotOf } = placeByLiveness(values);
      for (const a of values) {
        assert.ok(slots[slotOf.get(a.key)!]! >= a.bytes);
        for (const b of values) {
          const isShared = slotOf.get(a.key) === slotOf.get(b.key);
          const isTogether = a.start <= b.end && b.start <= a.end;
          if (a.key !== b.key && isShared) assert.ok(!isTogether);
        }
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("placeByLiveness() reuses a slot as soon as it is free", () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({
    key: i,
    bytes: 64,
    start: i,
    end: i + 1,
  }));
  assert.equal(placeByLiveness(chain).slots.length, 2);
});
