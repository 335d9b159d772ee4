/**
 * Projectors (LLaVA): every feature vector becomes a latent of its own, through
 * linear layers with GELU between them. Without a layer: the features as they
 * are.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { gelu } from "../../ops/gelu.ts";
import { reshape } from "../../ops/reshape.ts";
import { linear } from "../layers.ts";
import type { Resampler } from "../slots.ts";

/** Sizes of a projector. */
export interface ProjectorConfig {
  /** Width of the features it reads. */
  readonly inputWidth: number;
  /** Feature vectors a picture, which is its number of latents too. */
  readonly positions: number;
  /** Width of latents; that of the features where there is no layer. */
  readonly width: number;
  /** Linear layers `linear_1` …, with biases; 0 for none. */
  readonly depth: number;
}

/** A projector. A picture has a fixed number of latents, so it takes no video. */
export function projector(config: ProjectorConfig): Resampler {
  const { inputWidth, positions, width } = config;
  return {
    inputWidth,
    inputPositions: positions,
    latents: positions,
    width,
    frames: 1,
    isPointwise: true,
    resample: {
      name: "projector",
      build: (scope, { features }) => ({
        latents: buildProjector(config, scope, features!),
      }),
    },
  };
}

function buildProjector(
  { positions, width, depth }: ProjectorConfig,
  scope: WeightScope,
  features: Tensor,
): Tensor {
  const [b, , , d] = features.shape as [number, number, number, number];
  let x = reshape(features, { shape: [b, positions, d] });
  for (let i = 1; i <= depth; i++) {
    if (i > 1) x = gelu(x, { approximate: "none" });
    const layer = scope.at(`linear_${i}`);
    x = linear(layer, x, { outputs: width, hasBias: true });
  }
  return x;
}
