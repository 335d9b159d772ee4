/**
 * How fast a device multiplies and copies, measured.
 *
 * @module
 */

import {
  type Device,
  type Executable,
  ops,
  ProgramBuilder,
  type TensorType,
} from "../mod.ts";

/** What was measured. */
export interface DeviceSpeed {
  /** f32 product of two 512 × 512 matrices, in 10⁹ operations a second. */
  readonly gemmGflops: number;
  /** Device memory copied, in 10⁹ bytes a second. */
  readonly copyGBs: number;
}

const SIDE = 512;
const COPY_BYTES = 64 * 2 ** 20;
/** A measurement takes about so long. */
const MEASURE_MS = 300;

/** Measures a device; takes a second or two. */
export async function measureSpeed(device: Device): Promise<DeviceSpeed> {
  using gemm = await compileGemm(device);
  const random = new Float32Array(SIDE * SIDE).map((_, i) => (i % 13) / 13);
  gemm.write("a", random);
  gemm.write("b", random);
  const gemmMs = await measure(async (times) => {
    gemm.run(times);
    await gemm.read("y");
  });
  const type: TensorType = { dtype: "f32", shape: [COPY_BYTES / 4] };
  using from = device.createArray(type, "copy source");
  using to = device.createArray(type, "copy target");
  const copyMs = await measure(async (times) => {
    for (let i = 0; i < times; i++) device.copyArray(from, to);
    await to.read(0, 1);
  });
  return {
    gemmGflops: 2 * SIDE ** 3 / (gemmMs * 1e6),
    copyGBs: COPY_BYTES / (copyMs * 1e6),
  };
}

async function compileGemm(device: Device): Promise<Executable> {
  const builder = new ProgramBuilder("gemm");
  const type: TensorType = { dtype: "f32", shape: [SIDE, SIDE] };
  const inputs = { a: builder.input("a", type), b: builder.input("b", type) };
  const { y } = builder.call(
    { name: "gemm", build: (_, { a, b }) => ({ y: ops.matmul(a!, b!) }) },
    "",
    inputs,
  );
  builder.output("y", y!);
  const nothing = { weights: new Map(), states: new Map() };
  return await device.compile(builder.build(), nothing);
}

/** Milliseconds of one piece of work, of as many as take `MEASURE_MS`. */
async function measure(
  work: (times: number) => Promise<void>,
): Promise<number> {
  const timed = async (times: number): Promise<number> => {
    const begin = performance.now();
    await work(times);
    return performance.now() - begin;
  };
  const first = await timed(1); // may include work done once, so again:
  const second = first > MEASURE_MS ? first : await timed(1);
  const times = Math.max(1, Math.floor(MEASURE_MS / second));
  return times === 1 ? second : await timed(times) / times;
}
