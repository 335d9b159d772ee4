/**
 * Dense f32 matrix product, packing of the right side included.
 *
 * @module
 */

import type { Device, Executable } from "../core/device.ts";
import { ProgramBuilder } from "../core/program.ts";
import type { Template } from "../core/template.ts";
import { matmul } from "../ops/matmul.ts";
import { slice } from "../ops/slice.ts";
import { type BenchRow, ownRow } from "./row.ts";

const REPEATS = 5;

/** GFLOP/s of a product of two matrices of `size` × `size`. */
export async function benchMatmul(
  device: Device,
  size: number,
): Promise<BenchRow> {
  const builder = new ProgramBuilder("bench matmul");
  const type = { dtype: "f32" as const, shape: [size, size] };
  const a = builder.input("a", type), b = builder.input("b", type);
  const { y } = builder.call(product, "", { a, b });
  // One value is read back, so that the wait is for work and not for a copy.
  builder.output("corner", builder.call(corner, "", { y: y! }).y!);
  const bindings = { weights: new Map(), states: new Map() };
  using program = await device.compile(builder.build(), bindings);
  program.write("a", randomValues(size * size));
  program.write("b", randomValues(size * size));
  await timeRuns(program, 1);
  const figures: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const one = await timeRuns(program, 1), four = await timeRuns(program, 4);
    figures.push(2 * size ** 3 / ((four - one) / 3) / 1e6);
  }
  return ownRow(`matmul f32 ${size}³`, "GFLOP/s", figures);
}

const product: Template = {
  name: "bench/matmul",
  build: (_, { a, b }) => ({ y: matmul(a!, b!) }),
};

const corner: Template = {
  name: "bench/corner",
  build(_, { y }) {
    const row = slice(y!, { axis: 0, start: 0, end: 1 });
    return { y: slice(row, { axis: 1, start: 0, end: 1 }) };
  },
};

/** Milliseconds of some runs, the wait included. */
async function timeRuns(program: Executable, times: number): Promise<number> {
  const start = performance.now();
  program.run(times);
  await program.read("corner");
  return performance.now() - start;
}

function randomValues(length: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) % 1);
}
