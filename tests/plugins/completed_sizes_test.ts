import assert from "node:assert/strict";
import { completedSizes } from "../../plugins/completed_sizes.ts";

interface Sizes {
  readonly width: number;
  readonly heads: number;
  readonly isTied: boolean;
}

Deno.test("completedSizes() prefers the config, then files, then the usual", () => {
  const sizes = completedSizes<Sizes>("a/b", {
    given: { width: 8, heads: undefined, isTied: undefined },
    found: { width: 16, heads: 2, isTied: undefined },
    usual: { heads: 4, isTied: false },
  });
  assert.deepEqual(sizes, { width: 8, heads: 2, isTied: false });
});

Deno.test("completedSizes() names all that nobody tells", () => {
  assert.throws(
    () =>
      completedSizes<Sizes>("a/b", {
        given: { width: undefined, heads: undefined, isTied: true },
        found: {},
      }),
    /Cannot build a\/b as neither .* nor its weights say width, heads: use/,
  );
});

Deno.test("completedSizes() refuses sizes that no model has", () => {
  for (const heads of [2 ** 31, 0, 0.5, -1]) {
    const given = { width: 8, heads, isTied: true };
    assert.throws(
      () => completedSizes<Sizes>("a/b", { given, found: {} }),
      /Cannot build a\/b as its heads is \S+: it must be .* from 1 to 65536/,
    );
  }
  const given = { context: 2 ** 24, headDim: 64 };
  assert.throws(
    () => completedSizes("a/b", { given, found: {} }),
    /its context of 16777216 tokens makes a table of 1073741824 numbers/,
  );
  const long = { context: 2 ** 22, headDim: 128 };
  assert.deepEqual(completedSizes("a/b", { given: long, found: {} }), long);
});
