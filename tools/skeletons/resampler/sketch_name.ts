/**
 * A resampler: the mean of a picture's features through one linear layer.
 * Replace the body of `resample` by your network.
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
} from "@rookery/rookery";

/** Sizes that a config may give. */
export interface SketchNameConfig {
  /** Latents a picture or video. */
  readonly latents: number;
  /** Width of a latent. */
  readonly width: number;
}

/** The part `sketch_name/resampler`. */
export function sketchName(): Part<"resampler"> {
  return definePart({
    slot: "resampler",
    name: "sketch_name/resampler",
    schema: objectOf({
      latents: orElse(integer(), 4),
      width: orElse(integer(), 24),
    }),
    build: (config, { neighbours }) =>
      sketchNameResampler(config, neighbours.vision!.width),
    // Where a published file has other names or layouts, give `weights` too:
    // it returns the file's tensors under the names that `resample` asks for.
  });
}

/** The resampler of some sizes for features of a width. */
export function sketchNameResampler(
  { latents, width }: SketchNameConfig,
  inputWidth: number,
): Resampler {
  return {
    inputWidth,
    inputPositions: undefined, // a mean takes any number of them
    latents,
    width,
    resample: {
      name: "sketch_name/resampler",
      build(scope, { features }) { // [b, f, n, d], a picture is one frame
        const [b, f, n, d] = features!.shape as [
          number,
          number,
          number,
          number,
        ];
        const all = ops.reshape(features!, { shape: [b, f * n, d] });
        const sum = ops.sumTo(all, { shape: [b, 1, d] });
        const mean = ops.mul(sum, ops.scalar(1 / (f * n)));
        const made = layers.linear(scope.at("proj"), mean, {
          outputs: latents * width,
          hasBias: true,
        }); // [b, 1, r·e]
        return { latents: ops.reshape(made, { shape: [b, latents, width] }) };
      },
    },
  };
}
