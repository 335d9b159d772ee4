/**
 * All that is compared. Shapes are those of SmolLM2-135M (576 wide, 9 heads in
 * 3 groups of 64, MLP 1536), EfficientNet-Lite0 and a resampler of 64 latents.
 *
 * @module
 */

import type { Workload } from "./workload.ts";

/** The list, in the order in which it runs. */
export function allWorkloads(): Workload[] {
  return [
    ...[256, 512, 1024, 2048].map((n) => matmul(n, n, n, "f32")),
    ...[512, 1024].map((n) => matmul(n, n, n, "f16")),
    ...[[576, 960], [576, 3072], [1536, 576]].map(([k, n]) =>
      linear("matmul", 128, k!, n!, "f32")
    ),
    ...["f32", "f16", "q8_0", "q4_1"].flatMap((format) => [
      linear("matrix × vector", 1, 576, 1536, format),
      linear("matrix × vector", 1, 1536, 4096, format),
    ]),
    ...[128, 512, 2048].map((l) => attention(l, l)),
    ...[128, 512, 2048].map((s) => attention(1, s)),
    ...[1, 4, 32].map(crossAttention),
    conv("conv2d", { h: 224, w: 224, c: 3, o: 32, kernel: 3, stride: 2 }),
    conv("conv2d", { h: 112, w: 112, c: 32, o: 16, kernel: 1, stride: 1 }),
    conv("conv2d", { h: 14, w: 14, c: 80, o: 480, kernel: 1, stride: 1 }),
    conv("conv2d", { h: 7, w: 7, c: 320, o: 1280, kernel: 1, stride: 1 }),
    conv("depthwise", { h: 112, w: 112, c: 32, kernel: 3, stride: 1 }),
    conv("depthwise", { h: 14, w: 14, c: 480, kernel: 5, stride: 1 }),
    rows("layer_norm", 128, 576, 8),
    rows("rms_norm", 128, 576, 5),
    rows("softmax", 1152, 512, 5),
    {
      ...rows("add", 1, 8, 1),
      name: "empty dispatch",
      group: "dispatch",
      unit: "runs/s",
      perMillisecond: 1000,
    },
    prefill(128),
    decode(32, 1),
    prefill(512),
    ...[512, 2048].map((s) => decode(s, 1)),
    ...[4, 16].map((b) => decode(32, b)),
  ];
}

function matmul(m: number, k: number, n: number, format: string): Workload {
  return {
    name: `matmul ${format} ${m}×${k}×${n}`,
    group: "matmul",
    kind: "matmul",
    sizes: { m, k, n },
    format,
    unit: "GFLOP/s",
    perMillisecond: 2 * m * k * n / 1e6,
  };
}

function linear(
  group: string,
  m: number,
  k: number,
  n: number,
  format: string,
): Workload {
  return {
    ...matmul(m, k, n, format),
    name: `linear ${format} ${m}×${k}×${n}`,
    group,
    kind: "linear",
  };
}

function attention(l: number, s: number): Workload {
  const heads = 9, groups = 3, c = 64, isCausal = l > 1 ? 1 : 0;
  return {
    name: l > 1 ? `attention, ${l} tokens` : `attention, 1 token at ${s}`,
    group: l > 1 ? "attention prefill" : "attention decode",
    kind: "attention",
    sizes: { l, s, heads, groups, c, isCausal },
    format: "f32",
    unit: "GFLOP/s",
    perMillisecond: 4 * heads * l * s * c / 1e6,
  };
}

/** Work counted is what the rule needs: one picture a token. */
function crossAttention(pictures: number): Workload {
  const l = 64, heads = 8, c = 64, latents = 64;
  return {
    name: `cross-attention, ${pictures} pictures`,
    group: "cross-attention",
    kind: "cross_attention",
    sizes: { l, heads, c, pictures, latents },
    format: "f32",
    unit: "GFLOP/s",
    perMillisecond: 4 * heads * l * latents * c / 1e6,
  };
}

function conv(
  kind: "conv2d" | "depthwise",
  sizes: Readonly<Record<string, number>>,
): Workload {
  const { h, w, c, o, kernel, stride } = sizes;
  const pixels = Math.ceil(h! / stride!) * Math.ceil(w! / stride!);
  const flops = 2 * pixels * c! * kernel! ** 2 * (o ?? 1);
  return {
    name: `${kind} ${kernel}×${kernel}, ${h}×${w}×${c}` + (o ? ` → ${o}` : ""),
    group: kind === "depthwise" ? "depthwise conv" : `conv ${kernel}×${kernel}`,
    kind,
    sizes,
    format: "f32",
    unit: "GFLOP/s",
    perMillisecond: flops / 1e6,
  };
}

function rows(
  kind: "layer_norm" | "rms_norm" | "softmax" | "add",
  m: number,
  n: number,
  flops: number,
): Workload {
  return {
    name: `${kind.replace("_", " ")} ${m}×${n}`,
    group: kind === "softmax" ? "softmax" : "norms",
    kind,
    sizes: { m, n },
    format: "f32",
    unit: "GFLOP/s",
    perMillisecond: flops * m * n / 1e6,
  };
}

function prefill(l: number): Workload {
  return {
    name: `SmolLM2-135M Q4_1, prefill ${l}`,
    group: "language model",
    kind: "prefill",
    sizes: { l, s: 0, b: 1 },
    format: "q4_1",
    unit: "tokens/s",
    perMillisecond: 1000 * l,
  };
}

function decode(s: number, b: number): Workload {
  return {
    name: `SmolLM2-135M Q4_1, decode at ${s}` + (b > 1 ? `, ${b} rows` : ""),
    group: "language model",
    kind: "decode",
    sizes: { l: 0, s, b },
    format: "q4_1",
    unit: "tokens/s",
    perMillisecond: 1000 * b,
  };
}
