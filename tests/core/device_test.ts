import assert from "node:assert/strict";
import {
  createDevice,
  type Device,
  evaluate,
  evaluateOn,
  leaf,
  ProgramBuilder,
  RookeryError,
  type Template,
} from "./core.ts";
import { defineUnary } from "../../ops/elementwise.ts";
import { add } from "../../ops/add.ts";
import { matmul } from "../../ops/matmul.ts";
import { F32_LAYOUT } from "../../core/layouts/f32.ts";
import type { WebGpuDevice } from "../../core/webgpu/webgpu_device.ts";
import { named } from "../../models/layers.ts";

const f32 = (...shape: number[]) => ({ dtype: "f32" as const, shape });

const double: Template = {
  name: "test/double",
  build: (_, { x }) => ({ x: named(add(x!, x!), "doubled") }),
};

async function runChain(device: Device, taps: string[]): Promise<number[][]> {
  const builder = new ProgramBuilder("chain", { taps });
  let x = builder.input("x", f32(3));
  for (let i = 0; i < 4; i++) x = builder.call(double, `${i}.`, { x }).x!;
  builder.output("y", x);
  const bindings = { weights: new Map(), states: new Map() };
  using program = await device.compile(builder.build(), bindings);
  program.write("x", new Float32Array([1, 2, 3]));
  program.run();
  const names = ["y", ...taps.length > 0 ? ["0.doubled", "2.doubled"] : []];
  return (await program.read(...names)).map((values) => [...values]);
}

for (const choice of ["auto", "cpu"] as const) {
  Deno.test(`programs run segment by segment on ${choice}, taps kept`, async () => {
    using device = await createDevice({ device: choice });
    assert.deepEqual(await runChain(device, []), [[16, 32, 48]]);
    assert.deepEqual(await runChain(device, ["0.*", "2.doubled"]), [
      [16, 32, 48],
      [2, 4, 6],
      [8, 16, 24],
    ]);
    assert.equal(device.memory.heldBytes, 0);
  });

  Deno.test(`createArray() refuses what passes the budget on ${choice}`, async () => {
    using device = await createDevice({ device: choice, memoryBytes: 4096 });
    using small = device.createArray(f32(256), "small");
    assert.throws(
      () => device.createArray(f32(2048), "large"),
      (error: RookeryError) =>
        error.code === "memory" && /large/.test(error.message),
    );
    small.write(new Float32Array([5]), 255);
    assert.deepEqual([...await small.read(254)], [0, 5]);
  });

  Deno.test(`write() refuses the wrong length on ${choice}`, async () => {
    using device = await createDevice({ device: choice });
    const builder = new ProgramBuilder("test");
    builder.output(
      "x",
      builder.call(double, "", { x: builder.input("x", f32(3)) }).x!,
    );
    const bindings = { weights: new Map(), states: new Map() };
    using program = await device.compile(builder.build(), bindings);
    assert.throws(
      () => program.write("x", new Float32Array(4)),
      /Cannot write 4/,
    );
    assert.throws(() => program.write("z", new Float32Array(3)), RookeryError);
  });
}

Deno.test("a weight larger than a binding is split and gives the same bits", async () => {
  const x = leaf("input", "x", f32(3, 64)),
    w = leaf("weight", "w", f32(80, 64));
  const y = matmul(x, w, { isTransposed: true });
  const values = (length: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(i));
  const leafValues = (tensor: typeof x) =>
    values(tensor === x ? 3 * 64 : 80 * 64);
  const results = [];
  // 16 rows of 64 columns are 4 KiB: the second device needs five bindings.
  for (const maxBindingBytes of [2 ** 20, 4096]) {
    using device = await createDevice({ maxBindingBytes });
    const options = { layout: F32_LAYOUT };
    results.push((await evaluateOn(device, [y], leafValues, options))[0]!);
  }
  assert.deepEqual(results[0], results[1]);
  const expected = evaluate([y], leafValues)[0]!;
  results[0]!.forEach((v, i) => assert.ok(Math.abs(v - expected[i]!) < 1e-4));
});

Deno.test("a kernel that the device refuses is a shader error with its place", async () => {
  using device = await createDevice();
  const broken = defineUnary<object>({
    name: "broken",
    cpu: (x) => x,
    wgsl: () => "  return nonsense(x);",
    flops: 1,
    gradient: "none",
  });
  const x = leaf("input", "x", f32(4));
  await assert.rejects(
    evaluateOn(device, [broken(x)], () => new Float32Array(4)),
    (error: RookeryError) =>
      error.code === "shader" && error.details.op === "broken",
  );
});

Deno.test("a lost device gives a lost error, a disposed one says so", async () => {
  const device = await createDevice() as WebGpuDevice;
  const array = device.createArray(f32(4), "array");
  device.source.gpu.destroy();
  await device.source.gpu.lost;
  await assert.rejects(
    async () => await array.read(),
    (error: RookeryError) => error.code === "lost",
  );
  device[Symbol.dispose]();
  assert.throws(() => device.createArray(f32(1), "late"), /disposed/);
});

Deno.test("disposing a device releases all that it made", async () => {
  const device = await createDevice();
  device.createArray(f32(1000), "a");
  device.createArray(f32(1000), "b")[Symbol.dispose]();
  assert.equal(device.memory.heldBytes, 4000);
  device[Symbol.dispose]();
  assert.equal(device.memory.heldBytes, 0);
});
