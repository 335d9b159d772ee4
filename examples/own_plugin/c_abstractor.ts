/**
 * C-Abstractor (Honeybee: Cha et al., 2023): convolutions, a pooling to a
 * smaller grid, convolutions, an MLP. Every latent keeps a place in the
 * picture. Blocks are RegNet's with depthwise convolutions and
 * squeeze-excitation, under the names that timm's `RegStage` gives them.
 *
 * @module
 */

import {
  definePart,
  integer,
  layers,
  objectOf,
  ops,
  orElse,
  type Part,
  type Resampler,
  RookeryError,
  type StoredTensor,
  type Tensor,
  type TensorMap,
  transposedTensor,
  type WeightScope,
} from "@rookery/rookery";

/** Sizes of an abstractor. */
export interface CAbstractorConfig {
  /** Latents a picture: a square number. */
  readonly latents: number;
  /** Width of a latent. */
  readonly width: number;
  /** Channels of the convolutions. */
  readonly channels: number;
  /** Blocks before the pooling, and as many after it. */
  readonly depth: number;
  /** Linear layers at the end. */
  readonly mlpDepth: number;
}

/** Grids on both sides of the pooling. */
interface Grids {
  readonly from: number;
  readonly to: number;
}

/** Norms over channels add this to the variance. */
const NORM_EPS = 1e-6;

/** Padding of windows that do not overlap. */
const NONE = [0, 0, 0, 0] as const;

/** Squeezed channels over a block's channels. */
const SQUEEZE = 0.25;

/** The part `own/c_abstractor`; Honeybee's sizes where they are left out. */
export function cAbstractor(): Part<"resampler"> {
  return definePart({
    slot: "resampler",
    name: "own/c_abstractor",
    schema: objectOf({
      latents: orElse(integer(), 144),
      width: integer(),
      channels: orElse(integer(), 1024),
      depth: orElse(integer(), 3),
      mlpDepth: orElse(integer(), 2),
    }),
    build(config, { neighbours }) {
      const { width, positions } = neighbours.vision!;
      return buildAbstractor(config, width, positions);
    },
    weights: ({ tensors }) => templateTensors(tensors),
  });
}

function buildAbstractor(
  config: CAbstractorConfig,
  inputWidth: number,
  positions: number,
): Resampler {
  const { latents, width } = config;
  const from = Math.sqrt(positions), to = Math.sqrt(latents);
  const fault = !Number.isInteger(from)
    ? `${positions} features are no square grid`
    : !Number.isInteger(to) || from % to !== 0
    ? `a grid of ${from} × ${from} cannot be pooled to ${latents} latents`
    : undefined;
  if (fault !== undefined) {
    throw new RookeryError(
      "config",
      `Cannot build own/c_abstractor as ${fault}: choose resampler.latents ` +
        "as the square of a number that divides the encoder's grid",
      { path: "resampler.latents", actual: latents },
    );
  }
  return {
    inputWidth,
    inputPositions: positions,
    latents,
    width,
    frames: 1,
    resample: {
      name: "own/c_abstractor",
      build: (scope, { features }) => ({
        latents: resample(config, { from, to }, scope, features!),
      }),
    },
  };
}

/** `features` [b, 1, n, d] → [b, r, e]. */
function resample(
  { channels, depth, latents, width, mlpDepth }: CAbstractorConfig,
  { from, to }: Grids,
  scope: WeightScope,
  features: Tensor,
): Tensor {
  const [b, , n, d] = features.shape as [number, number, number, number];
  const flat = ops.reshape(features, { shape: [b, n, d] });
  const placed = ops.add(flat, scope.weight("pos_emb", [1, n, d]));
  let x = ops.reshape(placed, { shape: [b, from, from, d] }); // channels last
  x = stage(scope.at("net", 0), x, { channels, depth });
  const size = from / to;
  x = ops.pool2d(x, {
    kind: "average",
    size: [size, size],
    stride: size,
    padding: NONE,
  });
  x = stage(scope.at("net", 2), x, { channels, depth });
  x = ops.reshape(x, { shape: [b, latents, channels] });
  for (let i = 0; i < mlpDepth; i++) {
    if (i > 0) x = ops.silu(x);
    const layer = scope.at("readout", 2 * i); // activations have numbers too
    x = layers.linear(layer, x, { outputs: width, hasBias: true });
  }
  return x;
}

function stage(
  scope: WeightScope,
  x: Tensor,
  { channels, depth }: { readonly channels: number; readonly depth: number },
): Tensor {
  for (let i = 1; i <= depth; i++) x = block(scope.at(`b${i}`), x, channels);
  return x;
}

/** A residual bottleneck; a linear layer stands in for a 1 × 1 convolution. */
function block(scope: WeightScope, x: Tensor, channels: number): Tensor {
  const inputs = x.shape.at(-1)!;
  const bent = ops.silu(pointwise(scope.at("conv1"), x, channels));
  const kernel = scope.at("conv2", "conv").weight("weight", [3, 3, channels]);
  const window = { stride: 1, padding: [1, 1, 1, 1] } as const;
  const seen = normed(
    scope.at("conv2"),
    ops.depthwiseConv2d(bent, kernel, window),
  );
  const squeezed = Math.round(inputs * SQUEEZE);
  const excited = excite(scope.at("se"), ops.silu(seen), squeezed);
  const out = pointwise(scope.at("conv3"), excited, channels);
  const shortcut = inputs === channels
    ? x
    : pointwise(scope.at("downsample"), x, channels);
  return ops.silu(ops.add(out, shortcut));
}

/** A 1 × 1 convolution without a bias, and its norm. */
function pointwise(scope: WeightScope, x: Tensor, outputs: number): Tensor {
  return normed(scope, layers.linear(scope.at("conv"), x, { outputs }));
}

function normed(scope: WeightScope, x: Tensor): Tensor {
  return layers.norm(scope.at("bn"), x, NORM_EPS);
}

/** Scales each channel by what the mean of all channels says of it. */
function excite(scope: WeightScope, x: Tensor, squeezed: number): Tensor {
  const mean = ops.pool2d(x, { kind: "global" }); // [b, 1, 1, c]
  const options = { outputs: squeezed, hasBias: true };
  const small = ops.silu(layers.linear(scope.at("fc1"), mean, options));
  const outputs = x.shape.at(-1)!;
  const score = layers.linear(scope.at("fc2"), small, {
    outputs,
    hasBias: true,
  });
  return ops.mul(x, sigmoid(score));
}

/** `1 / (1 + e^-x) = tanh(x/2)/2 + 1/2`. */
function sigmoid(x: Tensor): Tensor {
  const half = ops.scalar(0.5);
  return ops.add(ops.mul(ops.tanh(ops.mul(x, half)), half), half);
}

/** PyTorch's convolutions [o, i, kh, kw] as the templates want them. */
function templateTensors(tensors: TensorMap): TensorMap {
  return new Map(
    [...tensors].map(([name, tensor]) => [name, asTemplate(name, tensor)]),
  );
}

function asTemplate(name: string, tensor: StoredTensor): StoredTensor {
  if (tensor.shape.length !== 4) return tensor;
  const [o, i, kh, kw] = tensor.shape as [number, number, number, number];
  if (kh === 1 && kw === 1) return { ...tensor, shape: [o, i] };
  if (i !== 1) return tensor; // not depthwise: reported as it is
  const plane = { ...tensor, name, shape: [o, kh, kw] };
  return transposedTensor(plane, [1, 2, 0]);
}
