/**
 * NFNet (Brock, De, Smith and Simonyan, 2021): residual networks without
 * norms. Activations are channels-last, [b, h, w, c]. The convolutions' weights
 * are standardised when they are read, not here. Tensor names are those of the
 * PyTorch port `dm_nfnet`.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { conv2d } from "../../ops/conv2d.ts";
import { gelu } from "../../ops/gelu.ts";
import { mul } from "../../ops/mul.ts";
import { pool2d } from "../../ops/pool2d.ts";
import { relu } from "../../ops/relu.ts";
import { reshape } from "../../ops/reshape.ts";
import { samePadding } from "../../ops/same_padding.ts";
import { scalar } from "../../ops/scalar.ts";
import { tanh } from "../../ops/tanh.ts";
import { transpose } from "../../ops/transpose.ts";
import { linear } from "../layers.ts";
import type { VisionEncoder } from "../slots.ts";
import {
  checkNfnet,
  NFNET_STEM_STRIDES,
  type NfnetBlock,
  nfnetBlocks,
  type NfnetSizes,
  squeezeWidth,
} from "./nfnet_sizes.ts";

/** Sizes of an NFNet, and what it reads and gives. */
export interface NfnetConfig extends NfnetSizes {
  /** Side of the picture, in pixels. */
  readonly px: number;
  /**
   * Form of GELU: `tanh` in the published models, `none` (the exact one) in
   * their PyTorch port.
   */
  readonly gelu: "tanh" | "none";
}

/** Keeps the variance of normal numbers through a GELU. */
const GAMMA = 1.7015043497085571;

/** What the residual branches are scaled by. */
const ALPHA = 0.2;

/** Squeeze and excitation gates are 1/2 on average. */
const GATE_SCALE = 2;

/**
 * An NFNet as a vision encoder, without pooling and classifier: all places of
 * the last grid, row by row. With the final convolution the features are
 * activated; without it they are the plain residual stream of the last stage.
 *
 * @throws {RookeryError} `config` for sizes that do not fit each other
 */
export function nfnet(config: NfnetConfig): VisionEncoder {
  checkNfnet(config);
  const blocks = nfnetBlocks(config);
  const strides = [...NFNET_STEM_STRIDES, ...blocks.map((b) => b.stride)];
  const side = strides.reduce((px, by) => Math.ceil(px / by), config.px);
  const last = blocks.at(-1)!.outputs;
  return {
    px: config.px,
    positions: side * side,
    width: config.hasFinalConv ? 2 * last : last,
    encode: {
      name: "nfnet",
      build: (scope, { pixels }) => ({
        features: buildEncoder(config, scope, pixels!),
      }),
    },
  };
}

function buildEncoder(
  config: NfnetConfig,
  scope: WeightScope,
  pixels: Tensor,
): Tensor {
  let x = transpose(pixels, { permutation: [0, 2, 3, 1] }); // [b, h, w, 3]
  x = stem(config, scope.at("stem"), x);
  for (const block of nfnetBlocks(config)) {
    x = residual(config, scope.at(block.path), x, block);
  }
  if (config.hasFinalConv) {
    const outputs = 2 * x.shape[3]!;
    x = linear(scope.at("final_conv"), x, { outputs, hasBias: true });
    x = activate(config, x);
  }
  const [batch, h, w, width] = x.shape as [number, number, number, number];
  return reshape(x, { shape: [batch, h * w, width] });
}

/** Convolutions with an activation between them, none after the last. */
function stem(config: NfnetConfig, scope: WeightScope, x: Tensor): Tensor {
  config.stem.forEach((outputs, i) => {
    const stride = NFNET_STEM_STRIDES[i]!;
    const input = i === 0 ? x : activate(config, x);
    const at = scope.at(`conv${i + 1}`);
    x = convolve(at, input, { outputs, stride, groups: 1 });
  });
  return x;
}

function residual(
  config: NfnetConfig,
  scope: WeightScope,
  x: Tensor,
  block: NfnetBlock,
): Tensor {
  const { inputs, outputs, middle, groups, stride, beta } = block;
  const active = activate(config, x, beta);
  const isKept = stride === 1 && inputs === outputs;
  const shortcut = isKept ? x : downsample(scope, active, block);
  const inner = { outputs: middle, groups };
  let y = linear(scope.at("conv1"), active, { outputs: middle, hasBias: true });
  y = activate(config, y);
  y = activate(config, convolve(scope.at("conv2"), y, { ...inner, stride }));
  y = convolve(scope.at("conv2b"), y, { ...inner, stride: 1 });
  y = activate(config, y);
  y = linear(scope.at("conv3"), y, { outputs, hasBias: true });
  const skip = scope.weight("skipinit_gain", []);
  const scale = mul(excitation(scope.at("attn_last"), y), skip);
  const branch = mul(y, mul(scale, scalar(GATE_SCALE * ALPHA)));
  return add(branch, shortcut);
}

/** The shortcut where sizes change: an average of 2×2, then a 1×1. */
function downsample(
  scope: WeightScope,
  x: Tensor,
  { outputs, stride }: NfnetBlock,
): Tensor {
  const padding = padSame(x, stride, stride);
  // Averages leave out what lies outside a picture of an odd size.
  const small = stride === 1
    ? x
    : pool2d(x, { kind: "average", size: [stride, stride], stride, padding });
  const conv = scope.at("downsample", "conv");
  return linear(conv, small, { outputs, hasBias: true });
}

/** Gates of the channels by their averages: [b, h, w, c] → [b, 1, 1, c]. */
function excitation(scope: WeightScope, x: Tensor): Tensor {
  const channels = x.shape[3]!;
  const hidden = { outputs: squeezeWidth(channels), hasBias: true };
  const outer = { outputs: channels, hasBias: true };
  const mean = pool2d(x, { kind: "global" });
  const squeezed = relu(linear(scope.at("fc1"), mean, hidden));
  const y = linear(scope.at("fc2"), squeezed, outer);
  const half = scalar(0.5); // sigmoid(y) = (1 + tanh(y / 2)) / 2
  return add(mul(tanh(mul(y, half)), half), half);
}

/** GELU that keeps the variance, times `scale`. */
function activate(config: NfnetConfig, x: Tensor, scale = 1): Tensor {
  return mul(gelu(x, { approximate: config.gelu }), scalar(GAMMA * scale));
}

/** What one 3×3 convolution does. */
interface Convolution {
  readonly outputs: number;
  readonly stride: number;
  readonly groups: number;
}

/** A 3×3 convolution with "SAME" padding and a bias. */
function convolve(
  scope: WeightScope,
  x: Tensor,
  { outputs, stride, groups }: Convolution,
): Tensor {
  const weight = scope.weight("weight", [3, 3, x.shape[3]! / groups, outputs]);
  const bias = scope.weight("bias", [outputs]);
  const padding = padSame(x, 3, stride);
  return conv2d(x, weight, bias, { stride, padding, groups });
}

/** "SAME" padding of both axes: [top, bottom, left, right]. */
function padSame(
  x: Tensor,
  kernel: number,
  stride: number,
): readonly [number, number, number, number] {
  const [top, bottom] = samePadding(x.shape[1]!, kernel, stride);
  const [left, right] = samePadding(x.shape[2]!, kernel, stride);
  return [top, bottom, left, right];
}
