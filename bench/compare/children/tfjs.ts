/**
 * Runs workloads with TensorFlow.js on its WebGPU backend.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any -- the package is loaded by path, without its types
import { createRequire } from "node:module";
import { seededValues } from "../seeded_values.ts";
import type { Workload } from "../workload.ts";
import { type Cannot, type Prepared, serveRequests } from "./serve_requests.ts";

const require = createRequire(`${Deno.args[0]}/package.json`);
const tf = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-webgpu");
// Small work would be done by plain JavaScript instead.
tf.env().set("WEBGPU_CPU_FORWARD", false);
await tf.setBackend("webgpu");
await tf.ready();
await serveRequests(prepare);

function prepare(workload: Workload, seed: number): Prepared | Cannot {
  if (workload.format !== "f32") {
    return { cannot: `has no ${workload.format} on WebGPU` };
  }
  let count = 0;
  const held: any[] = [];
  const make = (...shape: number[]): any => {
    const length = shape.reduce((a, b) => a * b, 1);
    const tensor = tf.tensor(seededValues(length, seed + count++), shape);
    held.push(tensor);
    return tensor;
  };
  const compute = computation(workload, make);
  if (compute === undefined) return { cannot: `has no ${workload.kind}` };
  return {
    async run(times: number): Promise<void> {
      for (let i = 0; i < times - 1; i++) tf.tidy(compute).dispose();
      const last = tf.tidy(() =>
        tf.slice(tf.reshape(compute(), [-1]), [0], [1])
      );
      await last.data();
      last.dispose();
    },
    async output(): Promise<Float32Array> {
      const y = tf.tidy(compute);
      const values = await y.data();
      y.dispose();
      return values;
    },
    close: () => held.forEach((tensor) => tensor.dispose()),
  };
}

/** The work as calls of the library; its inputs are made now. */
function computation(
  { kind, sizes }: Workload,
  make: (...shape: number[]) => any,
): (() => any) | undefined {
  const { m, k, n, h, w, c, o, kernel, stride } = sizes as Record<
    string,
    number
  >;
  switch (kind) {
    case "matmul": {
      const a = make(m!, k!), b = make(k!, n!);
      return () => tf.matMul(a, b);
    }
    case "linear": {
      const x = make(m!, k!), weight = make(n!, k!);
      return () => tf.matMul(x, weight, false, true);
    }
    case "attention":
      return attention(sizes, make);
    case "cross_attention":
      return crossAttention(sizes, make);
    case "conv2d": {
      const x = make(1, h!, w!, c!), weight = make(kernel!, kernel!, c!, o!);
      return () => tf.conv2d(x, weight, stride!, "same");
    }
    case "depthwise": {
      const x = make(1, h!, w!, c!), weight = make(kernel!, kernel!, c!, 1);
      return () => tf.depthwiseConv2d(x, weight, stride!, "same");
    }
    case "layer_norm": {
      const x = make(m!, n!), scale = make(n!), shift = make(n!);
      return () => {
        const { mean, variance } = tf.moments(x, -1, true);
        const root = tf.rsqrt(tf.add(variance, 1e-5));
        const unit = tf.mul(tf.sub(x, mean), root);
        return tf.add(tf.mul(unit, scale), shift);
      };
    }
    case "rms_norm": {
      const x = make(m!, n!), scale = make(n!);
      return () => {
        const mean = tf.mean(tf.square(x), -1, true);
        return tf.mul(tf.mul(x, tf.rsqrt(tf.add(mean, 1e-5))), scale);
      };
    }
    case "softmax": {
      const x = make(m!, n!);
      return () => tf.softmax(x);
    }
    case "add": {
      const x = make(n!), y = make(n!);
      return () => tf.add(x, y);
    }
    default:
      return undefined;
  }
}

/** Heads in groups share keys and values: they are rows of one product. */
function attention(
  { l, s, heads, groups, c, isCausal }: Workload["sizes"],
  make: (...shape: number[]) => any,
): () => any {
  const shared = heads! / groups!;
  const q = make(groups!, shared * l!, c!);
  const k = make(groups!, s!, c!), v = make(groups!, s!, c!);
  const mask = isCausal ? causalMask(l!, s!, shared) : undefined;
  return () => {
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(c!));
    const seen = mask === undefined ? scores : tf.add(scores, mask);
    return tf.matMul(tf.softmax(seen), v);
  };
}

function causalMask(l: number, s: number, shared: number): any {
  const values = new Float32Array(shared * l * s);
  for (let row = 0; row < shared * l; row++) {
    values.fill(-1e9, row * s + s - l + row % l + 1, (row + 1) * s);
  }
  return tf.tensor(values, [1, shared * l, s]);
}

/** A mask leaves the last picture to each token. */
function crossAttention(
  { l, heads, c, pictures, latents }: Workload["sizes"],
  make: (...shape: number[]) => any,
): () => any {
  const s = pictures! * latents!;
  const q = make(heads!, l!, c!),
    k = make(heads!, s, c!),
    v = make(heads!, s, c!);
  const values = new Float32Array(l! * s).fill(-1e9);
  for (let i = 0; i < l!; i++) {
    const picture = Math.floor(i * pictures! / l!);
    const start = i * s + picture * latents!;
    values.fill(0, start, start + latents!);
  }
  const mask = tf.tensor(values, [1, l!, s]);
  return () => {
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(c!));
    return tf.matMul(tf.softmax(tf.add(scores, mask)), v);
  };
}
