import assert from "node:assert/strict";
import {
  type RopeScaling,
  scaledRope,
} from "../../models/language/rope_scaling.ts";

const ROPE = { theta: 10_000, dims: 4, context: 64 };

Deno.test("scaledRope() takes factors for each pair", () => {
  const scaling = { kind: "factors", factors: [1, 4] } as const;
  const { frequencies, scale } = scaledRope(ROPE, scaling);
  assert.deepEqual(frequencies, [1, 0.01 / 4]);
  assert.equal(scale, 1);
});

Deno.test("scaledRope() refuses kinds without their numbers", () => {
  const cases: readonly (readonly [RopeScaling, RegExp])[] = [
    [{ kind: "linear" }, /by linear as its factor is missing/],
    [{ kind: "linear", factor: 0 }, /its factor is 0: it must be .* above 0/],
    [{ kind: "llama3", factor: 2 }, /by llama3 as its originalContext is miss/],
    [{ kind: "yarn", factor: 2 }, /by yarn as its originalContext is missing/],
    [{ kind: "factors", factors: [1] }, /1 factors: .* each of 2 pairs/],
    [{ kind: "dynamic" }, /by dynamic as its originalContext is missing/],
  ];
  for (const [scaling, message] of cases) {
    assert.throws(() => scaledRope(ROPE, scaling), message);
  }
});

Deno.test("scaledRope() keeps kinds that change with the length to their context", () => {
  const kinds: readonly RopeScaling[] = [
    { kind: "dynamic", factor: 2, originalContext: 32 },
    { kind: "longrope", factors: [1, 2], originalContext: 32 },
  ];
  for (const scaling of kinds) {
    scaledRope({ ...ROPE, context: 32 }, scaling);
    assert.throws(
      () => scaledRope(ROPE, scaling),
      /change beyond 32 tokens and the context is 64: write a context of at/,
    );
  }
});
