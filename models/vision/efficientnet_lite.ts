/**
 * EfficientNet-Lite (Tan and Le, 2019; the Lite variants have no
 * squeeze-excite and use ReLU6). Batch norms are folded into the convolutions
 * when weights are read. Activations are channels-last, [b, h, w, c].
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { clamp } from "../../ops/clamp.ts";
import { concat } from "../../ops/concat.ts";
import { conv2d } from "../../ops/conv2d.ts";
import { depthwiseConv2d } from "../../ops/depthwise_conv2d.ts";
import { div } from "../../ops/div.ts";
import { relu6 } from "../../ops/relu6.ts";
import { reshape } from "../../ops/reshape.ts";
import { samePadding } from "../../ops/same_padding.ts";
import { sub } from "../../ops/sub.ts";
import { transpose } from "../../ops/transpose.ts";
import { linear } from "../layers.ts";
import type { VisionEncoder } from "../slots.ts";

/** One inverted-bottleneck block. */
export interface EfficientNetBlock {
  /** Side of the depthwise kernel. */
  readonly kernel: number;
  /** Step of the depthwise convolution. */
  readonly stride: number;
  /** Channels in the middle over channels in; 1 has no expansion. */
  readonly expand: number;
  /** Channels out. */
  readonly channels: number;
}

/** Repeats, kernel, stride, expansion and channels of each stage of Lite0. */
const STAGES = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
] as const;

/** The blocks of EfficientNet-Lite0, in order. */
export const EFFICIENTNET_LITE0_BLOCKS: readonly EfficientNetBlock[] = STAGES
  .flatMap(([repeats, kernel, stride, expand, channels]) =>
    Array.from({ length: repeats }, (_, i) => ({
      kernel,
      stride: i === 0 ? stride : 1,
      expand,
      channels,
    }))
  );

const STEM_CHANNELS = 32;
const HEAD_CHANNELS = 1280;

/**
 * Channels of all batch norms of EfficientNet-Lite0. Each has a gain that is
 * part of its convolution once weights are read.
 */
export function efficientNetNormChannels(): number {
  let count = STEM_CHANNELS + HEAD_CHANNELS, inputs = STEM_CHANNELS;
  for (const { expand, channels } of EFFICIENTNET_LITE0_BLOCKS) {
    const middle = inputs * expand;
    count += (expand === 1 ? 0 : middle) + middle + channels;
    inputs = channels;
  }
  return count;
}

/** What leaves the encoder. */
export interface EfficientNetLiteConfig {
  /** Side of the picture, in pixels. */
  readonly px: number;
  /**
   * Feature maps that leave it, `block0` … `block15` or `head`; all must have
   * the same grid. They are joined by channels.
   */
  readonly levels: readonly string[];
  /** Whether features are normalised by the weights `mean` and `std`. */
  readonly isNormalised: boolean;
  /** Largest magnitude of a normalised feature. */
  readonly clip: number;
}

/** Channels and side of every named feature map for pictures of `px`. */
function levelSizes(
  px: number,
): Map<string, { channels: number; side: number }> {
  const sizes = new Map<string, { channels: number; side: number }>();
  let side = Math.ceil(px / 2);
  EFFICIENTNET_LITE0_BLOCKS.forEach(({ stride, channels }, i) => {
    side = Math.ceil(side / stride);
    sizes.set(`block${i}`, { channels, side });
  });
  return sizes.set("head", { channels: HEAD_CHANNELS, side });
}

/** EfficientNet-Lite0 as a vision encoder. */
export function efficientNetLite0(
  config: EfficientNetLiteConfig,
): VisionEncoder {
  const sizes = levelSizes(config.px);
  const chosen = config.levels.map((level) => {
    const size = sizes.get(level);
    if (size !== undefined) return size;
    throw new RookeryError(
      "config",
      `Cannot take level ${level} of efficientnet_lite/encoder: its levels ` +
        `are ${[...sizes.keys()].join(", ")}`,
      { path: "vision.levels", actual: level },
    );
  });
  const sides = new Set(chosen.map(({ side }) => side));
  if (sides.size !== 1) {
    throw new RookeryError(
      "config",
      `Cannot join levels ${config.levels.join(", ")} by channels as their ` +
        `grids have sides ${[...sides].join(", ")}: choose levels of one grid`,
      { path: "vision.levels", actual: config.levels },
    );
  }
  const width = chosen.reduce((sum, { channels }) => sum + channels, 0);
  const side = chosen[0]!.side;
  return {
    px: config.px,
    positions: side * side,
    width,
    encode: {
      name: "efficientnet_lite0",
      build: (scope, { pixels }) => buildEncoder(config, scope, pixels!, width),
    },
  };
}

function buildEncoder(
  config: EfficientNetLiteConfig,
  scope: WeightScope,
  pixels: Tensor,
  width: number,
): Tensors {
  const levels = new Map<string, Tensor>();
  let x = transpose(pixels, { permutation: [0, 2, 3, 1] }); // [b, h, w, 3]
  x = stem(scope.at("stem"), x);
  EFFICIENTNET_LITE0_BLOCKS.forEach((block, i) => {
    x = invertedBottleneck(scope.at("blocks", i), x, block);
    levels.set(`block${i}`, x);
  });
  levels.set("head", relu6(pointwise(scope.at("head"), x, HEAD_CHANNELS)));
  const chosen = config.levels.map((level) => levels.get(level)!);
  const joined = chosen.length === 1
    ? chosen[0]!
    : concat(...chosen as [Tensor, Tensor], { axis: 3 });
  const [batch, h, w] = joined.shape as [number, number, number];
  const features = reshape(joined, { shape: [batch, h * w, width] });
  return { features: normalise(config, scope, features, width) };
}

function normalise(
  { isNormalised, clip }: EfficientNetLiteConfig,
  scope: WeightScope,
  features: Tensor,
  width: number,
): Tensor {
  if (!isNormalised) return features;
  const centred = sub(features, scope.weight("mean", [width]));
  const scaled = div(centred, scope.weight("std", [width]));
  return clamp(scaled, { low: -clip, high: clip });
}

function stem(scope: WeightScope, x: Tensor): Tensor {
  const [, h, w, c] = x.shape as [number, number, number, number];
  const weight = scope.weight("weight", [3, 3, c, STEM_CHANNELS]);
  const bias = scope.weight("bias", [STEM_CHANNELS]);
  const padding = samePadding2d(h, w, 3, 2);
  return relu6(conv2d(x, weight, bias, { stride: 2, padding }));
}

function invertedBottleneck(
  scope: WeightScope,
  x: Tensor,
  { kernel, stride, expand, channels }: EfficientNetBlock,
): Tensor {
  const [, h, w, c] = x.shape as [number, number, number, number];
  const middle = c * expand;
  const wide = expand === 1
    ? x
    : relu6(pointwise(scope.at("expand"), x, middle));
  const depthwise = scope.at("depthwise");
  const weight = depthwise.weight("weight", [kernel, kernel, middle]);
  const bias = depthwise.weight("bias", [middle]);
  const padding = samePadding2d(h, w, kernel, stride);
  const mixed = relu6(depthwiseConv2d(wide, weight, bias, { stride, padding }));
  const narrow = pointwise(scope.at("project"), mixed, channels);
  return stride === 1 && c === channels ? add(narrow, x) : narrow;
}

/** A 1×1 convolution: a matmul over channels. */
function pointwise(scope: WeightScope, x: Tensor, outputs: number): Tensor {
  return linear(scope, x, { outputs, hasBias: true });
}

/** TensorFlow's "SAME" padding: [top, bottom, left, right]. */
function samePadding2d(
  h: number,
  w: number,
  kernel: number,
  stride: number,
): readonly [number, number, number, number] {
  const [top, bottom] = samePadding(h, kernel, stride);
  const [left, right] = samePadding(w, kernel, stride);
  return [top, bottom, left, right];
}
