/**
 * A vision encoder: patches through one linear layer and a norm. Replace the
 * body of `encode` by your network.
 *
 * @module
 */

import {
  definePart,
  embedPatches,
  integer,
  layers,
  objectOf,
  orElse,
  type Part,
  patchSide,
  type VisionEncoder,
} from "@rookery/rookery";

/** Sizes that a config may give. */
export interface SketchNameConfig {
  /** Side of a picture, in pixels. */
  readonly px: number;
  /** Side of a patch, in pixels. */
  readonly patchPx: number;
  /** Width of the features. */
  readonly width: number;
}

/** The part `sketch_name/encoder`. */
export function sketchName(): Part<"vision"> {
  return definePart({
    slot: "vision",
    name: "sketch_name/encoder",
    schema: objectOf({
      px: orElse(integer(), 32),
      patchPx: orElse(integer(), 8),
      width: orElse(integer(), 24),
    }),
    build: (config) => sketchNameEncoder(config),
    // Where a published file has other names or layouts, give `weights` too:
    // it returns the file's tensors under the names that `encode` asks for.
  });
}

/** The encoder of some sizes. */
export function sketchNameEncoder(
  { px, patchPx, width }: SketchNameConfig,
): VisionEncoder {
  return {
    px,
    positions: patchSide(px, patchPx) ** 2,
    width,
    encode: {
      name: "sketch_name/encoder",
      build(scope, { pixels }) { // [b, 3, px, px]
        const cut = { patchPx, width, hasBias: true };
        const x = embedPatches(scope.at("stem"), pixels!, cut); // [b, n, d]
        return { features: layers.norm(scope.at("norm"), x, 1e-6) };
      },
    },
  };
}
