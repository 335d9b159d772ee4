import assert from "node:assert/strict";
import { leaf } from "../../core/tensor.ts";
import { storageRoot } from "../../core/graph.ts";
import { stateAfter } from "../../ops/state_after.ts";
import { readGolden } from "../support/golden.ts";

Deno.test("stateAfter() is the state's own memory", () => {
  const [golden] = readGolden("state_after");
  const [state, result] = golden!.inputs.map(({ shape }, i) =>
    leaf(i === 0 ? "state" : "input", `x${i}`, { dtype: "f32", shape })
  );
  const after = stateAfter(state!, result!);
  assert.equal(storageRoot(after), state);
  assert.deepEqual([...after.shape], golden!.output.shape);
  assert.deepEqual(golden!.output.values, golden!.inputs[0]!.values);
});
