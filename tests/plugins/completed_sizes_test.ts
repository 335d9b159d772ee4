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
