/**
 * How fast a device does the kinds of work of a forward pass, measured at
 * shapes like those of large models.
 *
 * @module
 */

import type { Device, DeviceWeight } from "../core/device.ts";
import { layoutNamed } from "../core/layouts/layout_named.ts";
import { ProgramBuilder } from "../core/program.ts";
import {
  type SyntheticFormat,
  SyntheticTensor,
} from "../core/synthetic/synthetic_tensor.ts";
import type { Tensor } from "../core/tensor.ts";
import { conv2d } from "../ops/conv2d.ts";
import { matmul } from "../ops/matmul.ts";
import { slice } from "../ops/slice.ts";
import type { Work, WorkKind } from "./forward_work.ts";

/** Measured rates. */
export interface ForwardRates {
  /** Operations a second by kind of work. */
  readonly flops: Work;
  /** Bytes of weights that are made up in a second. */
  readonly fillBytes: number;
}

/**
 * A measurement takes about so long. All of it counts, not its best part: what
 * else the machine does slows a forward pass as well.
 */
const MEASURE_MS = 1000;

/** Sizes of the probes: rows, columns and weight rows of products. */
const PRODUCTS = { narrow: [8, 4096, 4096], wide: [256, 1024, 1024] } as const;
const SIDE = 40, CHANNELS = 256, GROUP = 128;

/** Measures a device with matrices in a format; takes a few seconds. */
export async function measureForwardRates(
  device: Device,
  format: SyntheticFormat,
): Promise<ForwardRates> {
  const product = (kind: "narrow" | "wide") => {
    const [m, k, n] = PRODUCTS[kind];
    return probe(device, {
      x: [m, k],
      weight: [n, k],
      format,
      flops: 2 * m * k * n,
      op: (x, w) => matmul(x, w, { isTransposed: true }),
    });
  };
  const conv = (kernel: number, groups: number) =>
    probe(device, {
      x: [1, SIDE, SIDE, CHANNELS],
      weight: [kernel, kernel, CHANNELS / groups, CHANNELS],
      format: undefined,
      flops: 2 * SIDE ** 2 * kernel ** 2 * CHANNELS ** 2 / groups,
      op: (x, w) => conv2d(x, w, { ...windowOf(kernel), groups }),
    });
  const flops: Record<WorkKind, number> = {
    narrow: await product("narrow"),
    wide: await product("wide"),
    pointwise: await conv(1, 1),
    conv: await conv(3, CHANNELS / GROUP),
  };
  return { flops, fillBytes: await measureFill(device, format) };
}

function windowOf(kernel: number) {
  const side = (kernel - 1) / 2;
  return {
    stride: 1,
    padding: [side, side, side, side] as const,
  };
}

interface Probe {
  readonly x: readonly number[];
  readonly weight: readonly number[];
  /** Format of a packed weight; undefined for a dense one. */
  readonly format: SyntheticFormat | undefined;
  readonly flops: number;
  op(x: Tensor, weight: Tensor): Tensor;
}

/** Operations a second of one op. */
async function probe(
  device: Device,
  { x: shape, weight, format, flops, op }: Probe,
): Promise<number> {
  using held = new DisposableStack();
  const builder = new ProgramBuilder("forward probe");
  const x = builder.input("x", { dtype: "f32", shape });
  const { y } = builder.call(
    {
      name: "probe",
      build: (scope, inputs) => ({
        y: op(inputs.x!, scope.weight("w", weight)),
      }),
    },
    "",
    { x },
  );
  const { corner } = builder.call(CORNER, "", { y: y! });
  builder.output("corner", corner!);
  const name = "w";
  const tensor = { name, shape: weight, seed: 1 };
  const stored = new SyntheticTensor({ ...tensor, format: format ?? "f32" });
  const need = { name, shape: weight, isPacked: format !== undefined };
  const layout = format === undefined ? undefined : layoutNamed(format);
  const loaded = held.use(await device.loadWeight(need, stored, layout));
  const weights = new Map<string, DeviceWeight>([[name, loaded]]);
  const bindings = { weights, states: new Map() };
  const program = held.use(await device.compile(builder.build(), bindings));
  const ms = await meanMs(async (times) => {
    await program.run(times);
    await program.read("corner");
  });
  return 1000 * flops / ms;
}

/** One value of a result, so that the wait is for work and not for a copy. */
const CORNER = {
  name: "forward/corner",
  build: (_: unknown, { y }: Readonly<Record<string, Tensor>>) => ({
    corner: y!.shape.reduce(
      (x, _, axis) => slice(x, { axis, start: 0, end: 1 }),
      y!,
    ),
  }),
};

async function measureFill(
  device: Device,
  format: SyntheticFormat,
): Promise<number> {
  const shape = [4096, 4096];
  const need = { name: "w", shape, isPacked: true };
  const layout = layoutNamed(format);
  const stored = new SyntheticTensor({ name: "w", shape, format, seed: 1 });
  const ms = await meanMs(async (times) => {
    for (let i = 0; i < times; i++) {
      using _ = await device.loadWeight(need, stored, layout);
    }
    using array = device.createArray({ dtype: "f32", shape: [4] }, "wait");
    await array.read();
  });
  return 1000 * stored.sizeBytes / ms;
}

/** Milliseconds of one piece of work, of as many as take `MEASURE_MS`. */
async function meanMs(work: (times: number) => Promise<void>): Promise<number> {
  const timed = async (times: number): Promise<number> => {
    const begin = performance.now();
    await work(times);
    return (performance.now() - begin) / times;
  };
  await timed(1); // includes work that is done once
  const times = Math.max(1, Math.floor(MEASURE_MS / await timed(1)));
  return await timed(times);
}
