import assert from "node:assert/strict";
import { leaf, type Tensor } from "../../../core/tensor.ts";
import { add } from "../../../ops/add.ts";
import {
  activationRule,
  biasRule,
  gainRule,
  gateRule,
  normRule,
  productRule,
  residualRule,
} from "../../../ops/fusion/project_rules.ts";
import { layerNorm } from "../../../ops/layer_norm.ts";
import { matmul } from "../../../ops/matmul.ts";
import { mul } from "../../../ops/mul.ts";
import { rmsNorm } from "../../../ops/rms_norm.ts";
import { silu } from "../../../ops/silu.ts";
import { tanh } from "../../../ops/tanh.ts";
import { rewritten } from "../../support/rewritten.ts";

const input = (name: string, ...shape: number[]): Tensor =>
  leaf("input", name, { dtype: "f32", shape });
const weight = (name: string, ...shape: number[]): Tensor =>
  leaf("weight", name, { dtype: "f32", shape });
const x = input("x", 2, 3, 4), residual = input("residual", 2, 3, 5);
const w = weight("w", 5, 4), v = weight("v", 5, 4);
const bias = weight("bias", 5), alpha = weight("alpha", 1);
const linear = (x: Tensor, w: Tensor): Tensor =>
  matmul(x, w, { isTransposed: true });

Deno.test("productRule takes products with weights, and no others", () => {
  assert.deepEqual(rewritten([linear(x, w)], [productRule]), ["project"]);
  const other = linear(x, input("other", 5, 4));
  assert.deepEqual(rewritten([other], [productRule]), ["matmul"]);
  const plain = matmul(x, weight("t", 4, 5));
  assert.deepEqual(rewritten([plain], [productRule]), ["matmul"]);
});

Deno.test("biasRule takes a bias on either side, and no residual", () => {
  const rules = [productRule, biasRule];
  for (const y of [add(linear(x, w), bias), add(bias, linear(x, w))]) {
    assert.deepEqual(rewritten([y], rules), ["project"]);
  }
  const twice = add(add(linear(x, w), bias), weight("second", 5));
  assert.deepEqual(rewritten([twice], rules), ["project", "add"]);
  const sum = add(linear(x, w), residual);
  assert.deepEqual(rewritten([sum], rules), ["project", "add"]);
});

Deno.test("activationRule takes ops with a formula", () => {
  const rules = [productRule, biasRule, activationRule];
  const y = silu(add(linear(x, w), bias));
  assert.deepEqual(rewritten([y], rules), ["project"]);
  const twice = tanh(silu(linear(x, w)));
  assert.deepEqual(rewritten([twice], rules), ["project", "tanh"]);
});

Deno.test("gateRule takes two products of the same rows", () => {
  const rules = [productRule, biasRule, activationRule, gateRule];
  const [open, up] = [silu(linear(x, w)), linear(x, v)];
  assert.deepEqual(rewritten([mul(open, up)], rules), ["project"]);
  assert.deepEqual(rewritten([mul(up, open)], rules), ["project"]);
  const elsewhere = linear(input("z", 2, 3, 4), v);
  assert.deepEqual(rewritten([mul(open, elsewhere)], rules), [
    "project",
    "project",
    "mul",
  ]);
  const one = add(linear(x, v), bias);
  assert.deepEqual(rewritten([mul(open, one)], rules).at(-1), "mul");
});

Deno.test("gainRule takes a weight, or an op of it", () => {
  const rules = [productRule, gainRule, residualRule];
  const y = add(residual, mul(linear(x, w), tanh(alpha)));
  assert.deepEqual(rewritten([y], rules), ["project"]);
  assert.deepEqual(rewritten([mul(linear(x, w), bias)], rules), ["project"]);
  const rows = mul(linear(x, w), weight("rows", 3, 1));
  assert.deepEqual(rewritten([rows], rules), ["project", "mul"]);
});

Deno.test("normRule takes a norm that nothing else reads", () => {
  const rules = [productRule, normRule];
  const scale = weight("scale", 4), shift = weight("shift", 4);
  const rms = rmsNorm(x, scale, { eps: 1e-5 });
  const layer = layerNorm(x, scale, shift, { eps: 1e-5 });
  assert.deepEqual(rewritten([linear(rms, w)], rules), ["project"]);
  assert.deepEqual(rewritten([linear(layer, w)], rules), ["project"]);
  assert.deepEqual(rewritten([linear(rms, w), linear(rms, v)], rules), [
    "rms_norm",
    "project",
    "project",
  ]);
});

Deno.test("rules swallow nothing that is read elsewhere", () => {
  const rules = [
    productRule,
    biasRule,
    activationRule,
    gateRule,
    gainRule,
    residualRule,
  ];
  const y = linear(x, w);
  for (
    const last of [
      add(y, bias),
      silu(y),
      mul(y, linear(x, v)),
      mul(y, alpha),
      add(residual, y),
    ]
  ) {
    const names = rewritten([last, y], rules);
    assert.ok(names.length > 1 && names.at(-1) !== "project", names.join());
  }
});
