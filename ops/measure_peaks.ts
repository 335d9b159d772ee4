/**
 * How fast a device multiplies and copies, measured: the limits that kernels
 * are compared with.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import { inMemory } from "../core/evaluate_on.ts";
import { F32_LAYOUT } from "../core/layouts/f32.ts";
import type { PackedLayout } from "../core/layouts/layout.ts";
import { Q4_1_LAYOUT } from "../core/layouts/q4_1.ts";
import type { DevicePeaks } from "../core/profile/profile.ts";
import { ProgramBuilder } from "../core/program.ts";
import type { Template } from "../core/template.ts";
import type { TensorType } from "../core/tensor.ts";
import { matmul } from "./matmul.ts";

const SIDE = 512;
/** Larger than any cache; less where the budget has less. */
const COPY_BYTES = 64 * 2 ** 20;
const LEAST_BYTES = 4 * 2 ** 20;
/** A measurement takes about so long, and is made so often. */
const MEASURE_MS = 40;
const REPEATS = 8;
const MOST_TIMES = 1000;

/**
 * Measures a device in one or two seconds. Its profiler, if it has one, notes the
 * peaks but not the probes.
 *
 * @throws {RookeryError} `memory` where the budget has no 8 MiB left
 */
export async function measurePeaks(device: Device): Promise<DevicePeaks> {
  const { profiler } = device;
  if (profiler === undefined) return await measureBoth(device);
  const peaks = await profiler.unrecorded(() => measureBoth(device));
  profiler.setPeaks(peaks);
  return peaks;
}

async function measureBoth(device: Device): Promise<DevicePeaks> {
  const rates: number[] = [];
  for (const layout of [F32_LAYOUT, Q4_1_LAYOUT]) {
    rates.push(await measureGemm(device, layout));
  }
  return {
    gemmGflops: Math.max(...rates),
    copyGBs: await measureCopy(device),
  };
}

/** Rate of a product with a weight that lies in a layout. */
async function measureGemm(
  device: Device,
  layout: PackedLayout,
): Promise<number> {
  const shape = [SIDE, SIDE];
  const values = new Float32Array(SIDE * SIDE).map((_, i) => (i % 13) / 13);
  const need = { name: "w", shape, isPacked: true };
  using weight = await device.loadWeight(
    need,
    inMemory("w", shape, values),
    layout,
  );
  const builder = new ProgramBuilder(`gemm ${layout.name}`);
  const x = builder.input("x", { dtype: "f32", shape });
  builder.output("y", builder.call(product, "", { x }).y!);
  const weights = new Map([["w", weight]]);
  using gemm = await device.compile(builder.build(), {
    weights,
    states: new Map(),
  });
  gemm.write("x", values);
  const ms = await measure(async (times) => {
    if (times > 0) gemm.run(times);
    await gemm.read("y");
  });
  return 2 * SIDE ** 3 / (ms * 1e6);
}

const product: Template = {
  name: "gemm",
  build: (scope, { x }) => ({
    y: matmul(x!, scope.weight("w", [SIDE, SIDE]), { isTransposed: true }),
  }),
};

async function measureCopy(device: Device): Promise<number> {
  const { budgetBytes, heldBytes } = device.memory;
  const free = Math.floor((budgetBytes - heldBytes) / 4 / 16) * 16;
  const bytes = Math.max(LEAST_BYTES, Math.min(COPY_BYTES, free));
  const type: TensorType = { dtype: "f32", shape: [bytes / 4] };
  using from = device.createArray(type, "copy source");
  using to = device.createArray(type, "copy target");
  const ms = await measure(async (times) => {
    for (let i = 0; i < times; i++) device.copyArray(from, to);
    await to.read(0, 1);
  });
  return bytes / (ms * 1e6);
}

/**
 * Milliseconds of one piece of work, of as many as take `MEASURE_MS`, without
 * those of reading alone. The best of some: others may hold up the device.
 */
async function measure(
  work: (times: number) => Promise<void>,
): Promise<number> {
  const timed = async (times: number): Promise<number> => {
    const begin = performance.now();
    await work(times);
    return performance.now() - begin;
  };
  await timed(1); // may include work that is done once
  const idle = Math.min(await timed(0), await timed(0));
  const one = Math.max(await timed(1) - idle, 0.01);
  const times = Math.max(1, Math.min(MOST_TIMES, Math.floor(MEASURE_MS / one)));
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    best = Math.min(best, Math.max(await timed(times) - idle, 0.001) / times);
  }
  return best;
}
