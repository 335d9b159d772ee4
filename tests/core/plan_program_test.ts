import assert from "node:assert/strict";
import {
  createDevice,
  inMemory,
  outlineModel,
  parseConfig,
} from "../../mod.ts";
import { weightNeeds } from "../../core/program.ts";
import { sizeOf } from "../../core/shape.ts";
import { layoutNamed } from "../../core/layouts/layout_named.ts";
import { planProgram } from "../../core/webgpu/plan_program.ts";
import type { CapturedProgram } from "../../core/webgpu/captured_program.ts";
import { outlinePrograms } from "../../plugins/outline_programs.ts";
import { tinyConfigJson, tinyPlugins } from "../support/tiny_model.ts";

const outline = () =>
  outlineModel(parseConfig(tinyConfigJson(), "tiny"), {
    plugins: tinyPlugins(),
  });

for (const layoutName of ["f32", "q4_1"]) {
  Deno.test(`planProgram() foretells captures with ${layoutName} weights`, async () => {
    using device = await createDevice();
    const layout = layoutNamed(layoutName);
    const programs = outlinePrograms(await outline());
    assert.deepEqual(Object.keys(programs), ["image", "text", "decode"]);
    for (const program of Object.values(programs)) {
      using held = new DisposableStack();
      const weights = new Map();
      for (const need of weightNeeds([program])) {
        const values = new Float32Array(sizeOf(need.shape));
        const stored = inMemory(need.name, need.shape, values);
        const own = need.isPacked ? layout : undefined;
        weights.set(
          need.name,
          held.use(await device.loadWeight(need, stored, own)),
        );
      }
      const states = new Map(program.states.map(({ name, type }) => [
        name,
        held.use(device.createArray(type, name)),
      ]));
      const before = device.memory.heldByKind["values"] ?? 0;
      const captured = held.use(
        await device.compile(program, { weights, states }),
      ) as CapturedProgram;
      const after = device.memory.heldByKind["values"]!;
      const plan = planProgram(program, device.profile, layout);
      const sizes = Object.values(plan.memory) as number[];
      assert.equal(sizes.reduce((a, b) => a + b, 0), after - before);
      assert.equal(plan.dispatches, captured.dispatchCount);
      assert(plan.largestBuffer <= after - before);
      assert(plan.largestBinding > 0);
    }
  });
}

Deno.test("planProgram() refuses what a device cannot run", async () => {
  using device = await createDevice();
  const { decode } = outlinePrograms(await outline());
  const few = { ...device.profile, maxWorkgroups: 1 };
  assert.throws(() => planProgram(decode!, few, layoutNamed("f32")), {
    code: "limit",
  });
  const narrow = { ...device.profile, maxBindingBytes: 256 };
  assert.throws(() => planProgram(decode!, narrow, layoutNamed("f32")), {
    code: "limit",
    message: /16 of its rows take/,
  });
});
