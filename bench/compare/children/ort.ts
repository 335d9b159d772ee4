/**
 * Runs workloads with ONNX Runtime, on its WebGPU or its CPU provider, from
 * graphs that `write_graph.py` makes.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any -- the package is loaded by path, without its types
import { createRequire } from "node:module";
import { seededValues } from "../seeded_values.ts";
import type { Workload } from "../workload.ts";
import { type Cannot, type Prepared, serveRequests } from "./serve_requests.ts";

const [folder, provider, python] = Deno.args;
const ort: any = createRequire(`${folder}/package.json`)("onnxruntime-node");
const NOTE = "values cross the host in each run, weights are not prepacked";
const KINDS = [
  "matmul",
  "linear",
  "attention",
  "conv2d",
  "depthwise",
  "layer_norm",
  "softmax",
  "add",
];
await serveRequests(prepare);

async function prepare(
  workload: Workload,
  seed: number,
): Promise<Prepared | Cannot> {
  if (workload.format !== "f32" || !KINDS.includes(workload.kind)) {
    return { cannot: `no graph of ${workload.kind} ${workload.format}` };
  }
  const path = `${folder}/graph_${provider}.onnx`;
  const shapes = await writeGraph(workload, path);
  const session = await open(path);
  const feeds = Object.fromEntries(shapes.map(([name, shape], i) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = seededValues(length, seed + i);
    return [name, new ort.Tensor("float32", values, shape)];
  }));
  const once = async (): Promise<Float32Array> =>
    (await session.run(feeds)).y.data;
  return {
    async run(times: number): Promise<void> {
      for (let i = 0; i < times; i++) await once();
    },
    output: once,
    note: NOTE,
    close: () => session.release(),
  };
}

/** A session without nodes that fall back to another provider. */
async function open(path: string): Promise<any> {
  const session = ort.InferenceSession.create(path, {
    executionProviders: [{ name: provider }],
    intraOpNumThreads: 2,
    ...(provider === "webgpu"
      ? { extra: { session: { disable_cpu_ep_fallback: "1" } } }
      : {}),
  });
  try {
    return await session;
  } catch (cause) {
    const text = String(cause);
    if (!text.includes("adapter")) throw cause;
    throw new Error("Dawn refuses this device (no supported adapter)", {
      cause,
    });
  }
}

/** Names and sizes of the graph's inputs. */
async function writeGraph(
  workload: Workload,
  path: string,
): Promise<[string, number[]][]> {
  const script = new URL("write_graph.py", import.meta.url).pathname;
  const { success, stdout, stderr } = await new Deno.Command(python!, {
    args: [script, JSON.stringify(workload), path],
  }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new Error(`the graph could not be written: ${said}`);
}
