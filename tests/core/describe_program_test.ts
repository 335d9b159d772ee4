import assert from "node:assert/strict";
import { describeProgram } from "../../core/describe_program.ts";
import { programCost } from "../../core/program_cost.ts";
import { scalar } from "../../ops/scalar.ts";
import { linear, named } from "../../models/layers.ts";
import { add } from "../../ops/add.ts";
import { mul } from "../../ops/mul.ts";
import { ProgramBuilder, type Template } from "./core.ts";

/** `x + 2 · W x`, as a block with a label. */
const block: Template = {
  name: "test/block",
  build(scope, { x }) {
    const y = mul(linear(scope.at("fc"), x!, { outputs: 4 }), scalar(2));
    return { x: named(add(x!, y), "sum") };
  },
};

function program() {
  const builder = new ProgramBuilder("three blocks");
  let x = builder.input("x", { dtype: "f32", shape: [2, 4] });
  for (let i = 0; i < 3; i++) x = builder.call(block, `${i}.`, { x }).x!;
  builder.output("y", x);
  return builder.build();
}

Deno.test("describeProgram() tells templates once and segments all", () => {
  const graph = describeProgram(program());
  assert.deepEqual(graph, JSON.parse(JSON.stringify(graph)));
  assert.equal(graph.name, "three blocks");
  assert.deepEqual(graph.inputs, [{ name: "x", dtype: "f32", shape: [2, 4] }]);
  assert.deepEqual(graph.segments, [
    { template: 0, prefix: "0.", inputs: { x: "$x" }, outputs: { x: "%0" } },
    { template: 0, prefix: "1.", inputs: { x: "%0" }, outputs: { x: "%1" } },
    { template: 0, prefix: "2.", inputs: { x: "%1" }, outputs: { x: "%2" } },
  ]);
  assert.deepEqual(graph.outputs, { y: "%2" });
  const [template, ...others] = graph.templates;
  assert.equal(others.length, 0);
  assert.deepEqual(template!.weights, [
    { name: "fc.weight", dtype: "f32", shape: [4, 4], isPacked: true },
  ]);
  assert.deepEqual(
    template!.ops.map(({ id, op, operands }) => [id, op, operands]),
    [
      ["%0", "matmul", ["$x", "@fc.weight"]],
      ["%1", "mul", ["%0", "#0"]],
      ["%2", "add", ["$x", "%1"]],
    ],
  );
  assert.equal(template!.ops[2]!.label, "sum");
  assert.deepEqual(template!.outputs, { x: "%2" });
  assert.deepEqual(template!.constants.map(({ name }) => name), ["#0"]);
});

Deno.test("describeProgram() and programCost() add up the ops' work", () => {
  const graph = describeProgram(program());
  const [matmul, scaled, sum] = graph.templates[0]!.ops;
  assert.equal(matmul!.flops, 2 * 2 * 4 * 4);
  const once = matmul!.flops + scaled!.flops + sum!.flops;
  assert.equal(graph.templates[0]!.flops, once);
  assert.equal(graph.flops, 3 * once);
  assert.equal(programCost(program()).flops, 3 * once);
  assert(programCost(program()).bytes > 0);
});
