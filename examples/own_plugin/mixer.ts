/**
 * MLP-Mixer (Tolstikhin et al., 2021): no attention and no convolution, but
 * one MLP across patches and one across channels in turn. Tensor names are
 * those of timm's `mixer_*` checkpoints; their classifier is not used.
 *
 * @module
 */

import {
  definePart,
  embedPatches,
  integer,
  layers,
  objectOf,
  ops,
  orElse,
  type Part,
  RookeryError,
  type Tensor,
  type VisionEncoder,
  type WeightScope,
} from "@rookery/rookery";

/** Sizes of a mixer. */
export interface MixerConfig {
  /** Side of a picture, in pixels. */
  readonly px: number;
  /** Side of a patch, in pixels. */
  readonly patchPx: number;
  /** Width of a patch's vector. */
  readonly width: number;
  /** Layers. */
  readonly depth: number;
  /** Width of the MLP across patches. */
  readonly tokensWidth: number;
  /** Width of the MLP across channels. */
  readonly channelsWidth: number;
}

/** timm's norms add this to the variance. */
const NORM_EPS = 1e-6;

/** The part `own/mixer`; sizes left out are those of Mixer-B/16. */
export function mixer(): Part<"vision"> {
  return definePart({
    slot: "vision",
    name: "own/mixer",
    schema: objectOf({
      px: orElse(integer(), 224),
      patchPx: orElse(integer(), 16),
      width: orElse(integer(), 768),
      depth: orElse(integer(), 12),
      tokensWidth: orElse(integer(), 384),
      channelsWidth: orElse(integer(), 3072),
    }),
    build: (config) => buildMixer(config),
    weights: ({ tensors }) =>
      new Map([...tensors].filter(([name]) => !name.startsWith("head."))),
  });
}

function buildMixer(config: MixerConfig): VisionEncoder {
  const { px, patchPx, width } = config;
  if (px % patchPx !== 0) {
    throw new RookeryError(
      "config",
      `Cannot cut ${px} pixels into patches of ${patchPx} as the MLP across ` +
        "patches has one weight for each: let vision.patchPx divide vision.px",
      { path: "vision.patchPx", expected: px, actual: patchPx },
    );
  }
  return {
    px,
    positions: (px / patchPx) ** 2,
    width,
    encode: {
      name: "own/mixer",
      build: (scope, { pixels }) => ({
        features: encode(config, scope, pixels!),
      }),
    },
  };
}

/** `pixels` [b, 3, px, px] → [b, n, d]. */
function encode(
  { patchPx, width, depth, tokensWidth, channelsWidth }: MixerConfig,
  scope: WeightScope,
  pixels: Tensor,
): Tensor {
  const cut = { patchPx, width, hasBias: true };
  let x = embedPatches(scope.at("stem", "proj"), pixels, cut); // [b, n, d]
  for (let i = 0; i < depth; i++) {
    const block = scope.at("blocks", i);
    const tokens = turned(layers.norm(block.at("norm1"), x, NORM_EPS)); // [b, d, n]
    const mixed = mlp(block.at("mlp_tokens"), tokens, tokensWidth);
    x = ops.add(x, turned(mixed));
    const channels = layers.norm(block.at("norm2"), x, NORM_EPS);
    x = ops.add(x, mlp(block.at("mlp_channels"), channels, channelsWidth));
  }
  return layers.norm(scope.at("norm"), x, NORM_EPS);
}

/** Two linear layers over the last axis with GELU between them. */
function mlp(scope: WeightScope, x: Tensor, width: number): Tensor {
  const hasBias = true, outputs = x.shape.at(-1)!;
  const up = layers.linear(scope.at("fc1"), x, { outputs: width, hasBias });
  const bent = ops.gelu(up, { approximate: "none" });
  return layers.linear(scope.at("fc2"), bent, { outputs, hasBias });
}

function turned(x: Tensor): Tensor {
  return ops.transpose(x, { permutation: [0, 2, 1] });
}
