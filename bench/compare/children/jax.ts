/**
 * Runs workloads with jax-js on WebGPU, each as one jitted function.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any -- the package is loaded by path, without its types
import { seededValues } from "../seeded_values.ts";
import type { Workload } from "../workload.ts";
import { type Cannot, type Prepared, serveRequests } from "./serve_requests.ts";

/** Results that are waited for at once. */
const MOST_HELD = 64;

const jax: any = await import(
  `file://${Deno.args[0]}/node_modules/@jax-js/jax/dist/index.js`
);
const { numpy: np, nn, lax } = jax;
const known: string[] = await jax.init("webgpu");
if (!known.includes("webgpu")) throw new Error("jax-js found no WebGPU device");
jax.defaultDevice("webgpu");
await serveRequests(prepare);

/** Arrays are used up by what reads them; `ref` keeps them. */
function prepare(workload: Workload, seed: number): Prepared | Cannot {
  const { format } = workload;
  if (format !== "f32" && format !== "f16") {
    return { cannot: `has no ${format}` };
  }
  const work = computation(workload);
  if (work === undefined) return { cannot: `has no ${workload.kind}` };
  const inputs = work.shapes.map((shape, i) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = seededValues(length, seed + i);
    const array = np.array(values).reshape(shape);
    return format === "f16" ? array.astype(np.float16) : array;
  });
  inputs.push(
    ...(work.constants ?? []).map(({ values, shape }) =>
      np.array(values).reshape(shape)
    ),
  );
  const call = jax.jit(work.compute);
  const once = (): any => call(...inputs.map((array) => array.ref));
  return {
    // Calls are lazy, and one whose result is dropped is never made: results
    // are kept until all are there.
    async run(times: number): Promise<void> {
      for (let left = times; left > 0; left -= MOST_HELD) {
        const length = Math.min(left, MOST_HELD);
        const results = Array.from({ length }, once);
        await jax.blockUntilReady(results);
        for (const result of results) result.dispose();
      }
    },
    output: async () =>
      Array.from(
        await (format === "f16" ? once().astype(np.float32) : once()).data(),
      ),
    close: () => inputs.forEach((array) => array.dispose()),
  };
}

interface Work {
  readonly shapes: readonly number[][];
  readonly constants?: readonly { values: Float32Array; shape: number[] }[];
  compute(...inputs: any[]): any;
}

function computation({ kind, sizes }: Workload): Work | undefined {
  const { m, k, n, h, w, c, o, kernel, stride } = sizes as Record<
    string,
    number
  >;
  const strides = [stride!, stride!];
  const toChannelsFirst = (x: any): any => np.transpose(x, [0, 3, 1, 2]);
  const toChannelsLast = (x: any): any => np.transpose(x, [0, 2, 3, 1]);
  switch (kind) {
    case "matmul":
      return {
        shapes: [[m!, k!], [k!, n!]],
        compute: (a, b) => np.matmul(a, b),
      };
    case "linear":
      return {
        shapes: [[m!, k!], [n!, k!]],
        compute: (x, weight) => np.matmul(x, np.transpose(weight)),
      };
    case "attention":
      return attention(sizes);
    case "cross_attention":
      return crossAttention(sizes);
    case "conv2d":
      return {
        shapes: [[1, h!, w!, c!], [kernel!, kernel!, c!, o!]],
        compute: (x, weight) =>
          toChannelsLast(lax.convGeneralDilated(
            toChannelsFirst(x),
            np.transpose(weight, [3, 2, 0, 1]),
            strides,
            "SAME",
          )),
      };
    case "depthwise":
      return {
        shapes: [[1, h!, w!, c!], [kernel!, kernel!, c!, 1]],
        compute: (x, weight) =>
          toChannelsLast(lax.convGeneralDilated(
            toChannelsFirst(x),
            np.transpose(weight, [2, 3, 0, 1]),
            strides,
            "SAME",
            { featureGroupCount: c! },
          )),
      };
    case "layer_norm":
      return {
        shapes: [[m!, n!], [n!], [n!]],
        compute: (x, scale, shift) =>
          nn.standardize(x, -1, { epsilon: 1e-5 }).mul(scale).add(shift),
      };
    case "rms_norm":
      return {
        shapes: [[m!, n!], [n!]],
        compute: (x, scale) => {
          const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
          return x.div(np.sqrt(mean.add(1e-5))).mul(scale);
        },
      };
    case "softmax":
      return { shapes: [[m!, n!]], compute: (x) => nn.softmax(x, -1) };
    case "add":
      return { shapes: [[n!], [n!]], compute: (x, y) => x.add(y) };
    default:
      return undefined;
  }
}

function attend(q: any, k: any, v: any, c: number, mask?: any): any {
  const scores = np.matmul(q, np.transpose(k, [0, 2, 1])).mul(1 / Math.sqrt(c));
  const seen = mask === undefined ? scores : scores.add(mask);
  return np.matmul(nn.softmax(seen, -1), v);
}

/** Heads in groups share keys and values: they are rows of one product. */
function attention(
  { l, s, heads, groups, c, isCausal }: Workload["sizes"],
): Work {
  const shared = heads! / groups!;
  const values = new Float32Array(shared * l! * s!);
  for (let row = 0; row < shared * l!; row++) {
    values.fill(-1e9, row * s! + s! - l! + row % l! + 1, (row + 1) * s!);
  }
  const shape = [1, shared * l!, s!];
  return {
    shapes: [[groups!, shared * l!, c!], [groups!, s!, c!], [groups!, s!, c!]],
    ...(isCausal ? { constants: [{ values, shape }] } : {}),
    compute: (q, k, v, mask) => attend(q, k, v, c!, mask),
  };
}

/** A mask leaves the last picture to each token. */
function crossAttention(
  { l, heads, c, pictures, latents }: Workload["sizes"],
): Work {
  const s = pictures! * latents!;
  const values = new Float32Array(l! * s).fill(-1e9);
  for (let i = 0; i < l!; i++) {
    const start = i * s + Math.floor(i * pictures! / l!) * latents!;
    values.fill(0, start, start + latents!);
  }
  return {
    shapes: [[heads!, l!, c!], [heads!, s, c!], [heads!, s, c!]],
    constants: [{ values, shape: [1, l!, s] }],
    compute: (q, k, v, mask) => attend(q, k, v, c!, mask),
  };
}
