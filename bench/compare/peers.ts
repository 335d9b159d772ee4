/**
 * The peers: which packages, pinned, and how their runners start.
 *
 * @module
 */

/** A library that does the same work. */
export interface Peer {
  /** Name in rows. */
  readonly name: string;
  /** npm packages with exact versions. */
  readonly packages: readonly string[];
  /** Its runner, beside this file's `children`. */
  readonly child: string;
  /** Whether it runs without WebGPU. */
  readonly isNative?: boolean;
  /** What its runner is given besides: the model's file, or `onnx`. */
  readonly needs: "model" | "onnx" | "nothing";
  /** Arguments of the runner. */
  readonly args?: readonly string[];
  /** Variables of its process. */
  readonly env?: Readonly<Record<string, string>>;
}

const ORT = ["onnxruntime-node@1.30.0"];
const LLAMA = ["node-llama-cpp@3.22.1"];

/** All peers. */
export const PEERS: readonly Peer[] = [
  {
    name: "tfjs",
    packages: [
      "@tensorflow/tfjs-core@4.22.0",
      "@tensorflow/tfjs-backend-webgpu@4.22.0",
    ],
    child: "tfjs.ts",
    needs: "nothing",
  },
  {
    name: "jax-js",
    packages: ["@jax-js/jax@0.1.25"],
    child: "jax.ts",
    needs: "nothing",
  },
  {
    name: "ort-webgpu",
    packages: ORT,
    child: "ort.ts",
    needs: "onnx",
    args: ["webgpu"],
  },
  {
    name: "ort-cpu",
    packages: ORT,
    child: "ort.ts",
    needs: "onnx",
    args: ["cpu"],
    isNative: true,
  },
  {
    name: "llama.cpp-vulkan",
    packages: LLAMA,
    child: "llama.ts",
    needs: "model",
    args: ["vulkan"],
    env: { GGML_VK_VISIBLE_DEVICES: "0" },
  },
  {
    name: "llama.cpp-cpu",
    packages: LLAMA,
    child: "llama.ts",
    needs: "model",
    args: ["cpu"],
    isNative: true,
  },
];
