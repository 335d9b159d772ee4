import assert from "node:assert/strict";
import {
  leaf,
  packedWeights,
  ProgramBuilder,
  type Template,
  traceTemplate,
  weightNeeds,
} from "./core.ts";
import { add } from "../../ops/add.ts";
import { matmul } from "../../ops/matmul.ts";

const f32 = (...shape: number[]) => ({ dtype: "f32" as const, shape });

const block: Template = {
  name: "test/block",
  build(scope, { x }) {
    const weight = scope.at("proj").weight("weight", [4, 4]);
    const y = matmul(x!, weight, { isTransposed: true });
    return { x: add(y, scope.weight("bias", [4])) };
  },
};

Deno.test("WeightScope gives the same leaf for the same name", () => {
  traceTemplate({
    name: "test",
    build(scope, { x }) {
      assert.equal(scope.weight("w", [4]), scope.weight("w", [4]));
      assert.throws(() => scope.weight("w", [5]), /used as \[4\] elsewhere/);
      return { x: x! };
    },
  }, { x: { ...f32(4), isState: false } });
});

Deno.test("packedWeights() finds weights that packing ops read", () => {
  const trace = traceTemplate(block, { x: { ...f32(2, 4), isState: false } });
  assert.deepEqual([...packedWeights(trace)], ["proj.weight"]);
});

Deno.test("packedWeights() refuses a weight that is read both ways", () => {
  const both: Template = {
    name: "test/both",
    build(scope, { x }) {
      const w = scope.weight("w", [4, 4]);
      return { x: add(matmul(x!, w, { isTransposed: true }), w) };
    },
  };
  const trace = traceTemplate(both, { x: { ...f32(4, 4), isState: false } });
  assert.throws(() => packedWeights(trace), /used both by an op that packs/);
});

Deno.test("ProgramBuilder traces a template once for all its uses", () => {
  const builder = new ProgramBuilder("test");
  let x = builder.input("x", f32(2, 4));
  for (let i = 0; i < 5; i++) x = builder.call(block, `layers.${i}.`, { x }).x!;
  builder.output("x", x);
  const program = builder.build();
  assert.equal(new Set(program.segments.map(({ trace }) => trace)).size, 1);
  const names = weightNeeds([program]).map(({ name }) => name);
  assert.equal(names.length, 10);
  assert.ok(names.includes("layers.4.proj.weight"));
});

Deno.test("ProgramBuilder refuses to declare a name twice", () => {
  const builder = new ProgramBuilder("test");
  builder.input("x", f32(1));
  assert.throws(() => builder.state("x", f32(1)), /Cannot declare state x/);
});

Deno.test("leaf() freezes its shape", () => {
  const shape = [2, 3];
  const x = leaf("input", "x", { dtype: "f32", shape });
  shape[0] = 9;
  assert.deepEqual(x.shape, [2, 3]);
});
