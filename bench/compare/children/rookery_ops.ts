/**
 * Workloads of single ops as calls of Rookery's ops. Inputs are made in the
 * order of axes that the workload names and turned to the ops' own.
 *
 * @module
 */

import type * as Rookery from "../../../mod.ts";
import type { Workload } from "../workload.ts";

/** The ops, of this commit or of an older one. */
export type Ops = typeof Rookery.ops;
type Tensor = Rookery.Tensor;
type Values = Float32Array<ArrayBuffer>;

/** An input with its values. */
export interface OpInput {
  /** Name in the program. */
  readonly name: string;
  /** Number type and sizes. */
  readonly type: Rookery.TensorType;
  /** In the op's order. */
  readonly values: Rookery.HostArray;
}

/** A workload as a graph. */
export interface OpWork {
  /** What the host writes. */
  readonly inputs: readonly OpInput[];
  /** What stays on the device. */
  readonly weights?: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly values: Values;
    readonly isPacked: boolean;
  }[];
  /** Builds the graph. */
  compute(
    inputs: Readonly<Record<string, Tensor>>,
    scope: Rookery.WeightScope,
  ): Tensor;
  /** The result in the workload's order. */
  arrange?(values: Float32Array): Float32Array;
}

/** Gives input `i` of a workload. */
export type Seeded = (length: number, i: number) => Values;

/** A workload's graph; undefined for kinds that are no single op. */
export function opWork(
  { kind, sizes, format }: Workload,
  ops: Ops,
  seeded: Seeded,
): OpWork | undefined {
  const { m, k, n, h, w, c, o, kernel, stride } = sizes as Record<
    string,
    number
  >;
  const dtype = format === "f16" && kind !== "linear" ? "f16" : "f32";
  const input = (name: string, i: number, ...shape: number[]): OpInput => {
    const length = shape.reduce((a, b) => a * b, 1);
    return { name, type: { dtype, shape }, values: seeded(length, i) };
  };
  switch (kind) {
    case "matmul":
      return {
        inputs: [input("a", 0, m!, k!), input("b", 1, k!, n!)],
        compute: ({ a, b }) => ops.matmul(a!, b!),
      };
    case "linear": {
      const shape = [n!, k!];
      const values = seeded(n! * k!, 1);
      return {
        inputs: [input("x", 0, m!, k!)],
        weights: [{ name: "w", shape, values, isPacked: true }],
        compute: ({ x }, scope) =>
          ops.matmul(x!, scope.weight("w", shape), { isTransposed: true }),
      };
    }
    case "attention":
      return attention(sizes, ops, seeded);
    case "cross_attention":
      return crossAttention(sizes, ops, seeded);
    case "conv2d":
    case "depthwise": {
      const shape = kind === "conv2d"
        ? [kernel!, kernel!, c!, o!]
        : [kernel!, kernel!, c!];
      const values = seeded(shape.reduce((a, b) => a * b), 1);
      const [top, bottom] = samePadding(h!, kernel!, stride!);
      const [left, right] = samePadding(w!, kernel!, stride!);
      const attrs = {
        stride: stride!,
        padding: [top, bottom, left, right] as const,
      };
      return {
        inputs: [input("x", 0, 1, h!, w!, c!)],
        weights: [{ name: "w", shape, values, isPacked: false }],
        compute: ({ x }, scope) =>
          kind === "conv2d"
            ? ops.conv2d(x!, scope.weight("w", shape), attrs)
            : ops.depthwiseConv2d(x!, scope.weight("w", shape), attrs),
      };
    }
    case "layer_norm":
      return {
        inputs: [input("x", 0, m!, n!), input("s", 1, n!), input("t", 2, n!)],
        compute: ({ x, s, t }) => ops.layerNorm(x!, s!, t!, { eps: 1e-5 }),
      };
    case "rms_norm":
      return {
        inputs: [input("x", 0, m!, n!), input("s", 1, n!)],
        compute: ({ x, s }) => ops.rmsNorm(x!, s!, { eps: 1e-5 }),
      };
    case "softmax":
      return {
        inputs: [input("x", 0, m!, n!)],
        compute: ({ x }) => ops.softmax(x!),
      };
    case "add":
      return {
        inputs: [input("x", 0, n!), input("z", 1, n!)],
        compute: ({ x, z }) => ops.add(x!, z!),
      };
    default:
      return undefined;
  }
}

function samePadding(
  size: number,
  kernel: number,
  stride: number,
): [number, number] {
  const total = (Math.ceil(size / stride) - 1) * stride + kernel - size;
  const before = Math.max(0, total) >> 1;
  return [before, Math.max(0, total) - before];
}

function attention(
  { l, s, heads, groups, c, isCausal }: Workload["sizes"],
  ops: Ops,
  seeded: Seeded,
): OpWork {
  const make = (name: string, i: number, h: number, rows: number): OpInput => ({
    name,
    type: { dtype: "f32", shape: [1, rows, h, c!] },
    values: swapAxes(seeded(h * rows * c!, i), h, rows, c!),
  });
  const scale = 1 / Math.sqrt(c!);
  return {
    inputs: [
      make("q", 0, heads!, l!),
      make("k", 1, groups!, s!),
      make("v", 2, groups!, s!),
    ],
    compute: ({ q, k, v }) =>
      ops.attention(q!, k!, v!, { scale, isCausal: isCausal === 1 }),
    arrange: (values) => swapAxes(values, l!, heads!, c!),
  };
}

/** Keys and values lie in pages, one a picture, as the engine keeps them. */
function crossAttention(
  { l, heads, c, pictures, latents }: Workload["sizes"],
  ops: Ops,
  seeded: Seeded,
): OpWork {
  const s = pictures! * latents!, h = heads!, r = latents!;
  const cache = new Float32Array(pictures! * 2 * h * c! * r);
  for (const which of [0, 1]) {
    const values = seeded(h * s * c!, 1 + which);
    for (let i = 0; i < values.length; i++) {
      const x = i % c!, slot = Math.floor(i / c!) % s;
      const head = Math.floor(i / c! / s), page = Math.floor(slot / r);
      const at = ((page * 2 + which) * h + head) * c! + x;
      cache[at * r + slot % r] = values[i]!;
    }
  }
  const numbers = (length: number, of: (i: number) => number): Uint32Array =>
    Uint32Array.from({ length }, (_, i) => of(i));
  const media = numbers(l!, (i) => Math.floor(i * pictures! / l!) + 1);
  return {
    inputs: [
      {
        name: "q",
        type: { dtype: "f32", shape: [1, l!, h, c!] },
        values: swapAxes(seeded(h * l! * c!, 0), h, l!, c!),
      },
      {
        name: "cache",
        type: { dtype: "f32", shape: [pictures!, 2, h, c!, r] },
        values: cache,
      },
      {
        name: "media",
        type: { dtype: "u32", shape: [1, l!] },
        values: media as Rookery.HostArray,
      },
      {
        name: "table",
        type: { dtype: "u32", shape: [1, pictures!] },
        values: numbers(pictures!, (i) => i) as Rookery.HostArray,
      },
    ],
    compute: ({ q, cache, media, table }) =>
      ops.mediaAttention(q!, cache!, media!, table!, {
        scale: 1 / Math.sqrt(c!),
        attendTo: "latest",
        latents: r,
      }),
    arrange: (values) => swapAxes(values, l!, h, c!),
  };
}

/** [a, b, c] → [b, a, c]. */
function swapAxes(
  values: Float32Array,
  a: number,
  b: number,
  c: number,
): Values {
  const out = new Float32Array(values.length);
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      const from = (i * b + j) * c;
      out.set(values.subarray(from, from + c), (j * a + i) * c);
    }
  }
  return out;
}
