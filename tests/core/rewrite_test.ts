import assert from "node:assert/strict";
import { operandsOf } from "../../core/graph.ts";
import { opOf } from "../../core/op.ts";
import { ProgramBuilder } from "../../core/program.ts";
import type { RewriteRule } from "../../core/rewrite.ts";
import type { Template } from "../../core/template.ts";
import { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { mul } from "../../ops/mul.ts";
import { silu } from "../../ops/silu.ts";
import { tanh } from "../../ops/tanh.ts";
import { rewritten } from "../support/rewritten.ts";
import { leaf } from "../../core/tensor.ts";

/** `x + x` → `silu(x)`: wrong, so that it shows where it applied. */
const twice: RewriteRule = {
  name: "twice",
  match(tensor) {
    const [a, b] = operandsOf(tensor);
    if (opOf(tensor) !== add || a !== b) return undefined;
    return new Map([[tensor, silu(a!)]]);
  },
};

/** `tanh(silu(x))` → `silu(x)`, where nothing else reads the inner value. */
const inner: RewriteRule = {
  name: "inner",
  match(tensor, uses) {
    const [value] = operandsOf(tensor);
    if (opOf(tensor) !== tanh || opOf(value!) !== silu) return undefined;
    return uses.count(value!) > 1 ? undefined : new Map([[tensor, value!]]);
  },
};

const BLOCK: Template = {
  name: "block",
  build(_, { x }) {
    const y = silu(x!);
    const labelled = new Tensor(y, y.source, "inner");
    return { y: tanh(labelled) };
  },
};

function opsOf(taps: readonly string[]): string[] {
  const builder = new ProgramBuilder("p", { taps, rewrites: [inner] });
  const x = builder.input("x", { dtype: "f32", shape: [2] });
  builder.call(BLOCK, "", { x });
  const [segment] = builder.build().segments;
  return segment!.trace.order.flatMap((each) => opOf(each)?.name ?? []);
}

Deno.test("a program's graphs are rewritten, but not past a tap", () => {
  assert.deepEqual(opsOf([]), ["silu"]);
  assert.deepEqual(opsOf(["inner"]), ["silu", "tanh"]);
});

Deno.test("rewriteTrace() applies a rule wherever it matches", () => {
  const x = leaf("input", "x", { dtype: "f32", shape: [1] });
  const y = mul(add(x, x), add(add(x, x), x));
  assert.throws(() => rewritten([y], [twice]), /y0/);
  const again: RewriteRule = {
    ...twice,
    match: (tensor, uses) => {
      const found = twice.match(tensor, uses);
      return found && new Map([[tensor, mul(x, leafTwo)]]);
    },
  };
  const leafTwo = leaf("weight", "two", { dtype: "f32", shape: [1] });
  const names = rewritten(
    [y],
    [again],
    new Map([[leafTwo, Float32Array.of(2)]]),
  );
  assert.deepEqual(names.filter((name) => name === "add").length, 1);
});
