import assert from "node:assert/strict";
import { constant, leaf, orderOf, type RookeryError } from "./core.ts";
import { checkDonations, storageRoot } from "../../core/graph.ts";
import { add } from "../../ops/add.ts";
import { pageCopy } from "../../ops/page_copy.ts";
import { reshape } from "../../ops/reshape.ts";

const f32 = (...shape: number[]) => ({ dtype: "f32" as const, shape });
const u32 = (...shape: number[]) => ({ dtype: "u32" as const, shape });

Deno.test("orderOf() puts operands before their uses, each value once", () => {
  const x = leaf("input", "x", f32(2));
  const y = add(x, x);
  const z = add(y, x);
  assert.deepEqual(orderOf([z, y]), [x, y, z]);
});

Deno.test("orderOf() walks chains longer than the call stack", () => {
  let x = leaf("input", "x", f32(1));
  for (let i = 0; i < 20_000; i++) x = add(x, x);
  assert.equal(orderOf([x]).length, 20_001);
});

Deno.test("storageRoot() follows views and donated states", () => {
  const state = leaf("state", "cache", f32(4, 2));
  const page = constant(u32(1), new Uint32Array([0]));
  const copied = pageCopy(state, page, page);
  const view = reshape(copied, { shape: [8] });
  assert.equal(storageRoot(view), state);
});

Deno.test("checkDonations() refuses a read of a state that was taken over", () => {
  const state = leaf("state", "cache", f32(4, 2));
  const page = constant(u32(1), new Uint32Array([0]));
  const fresh = pageCopy(state, page, page);
  const late = add(state, fresh);
  assert.throws(
    () => checkDonations(orderOf([late])),
    (error: RookeryError) =>
      error.code === "config" && /old value of state cache/.test(error.message),
  );
  checkDonations(orderOf([add(fresh, fresh)]));
});

Deno.test("checkDonations() refuses to donate what is not a state", () => {
  const input = leaf("input", "cache", f32(4, 2));
  const page = constant(u32(1), new Uint32Array([0]));
  assert.throws(
    () => checkDonations(orderOf([pageCopy(input, page, page)])),
    /not a state/,
  );
});
