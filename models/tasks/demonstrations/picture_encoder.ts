/**
 * Pictures as unit vectors of a frozen encoder, for comparing them.
 *
 * @module
 */

import type { ContrastiveModel } from "../../contrastive/contrastive.ts";
import { normalisedRows } from "../../contrastive/vector_rows.ts";
import { RookeryError } from "../../../core/errors.ts";
import type { Flamingo } from "../../flamingo/flamingo.ts";
import { framesOf, type Media } from "../../flamingo/media.ts";

/** Turns pictures into vectors whose dot products are cosines. */
export interface PictureEncoder {
  /** Numbers of a vector, d. */
  readonly width: number;
  /** Tells it from other encoders; undefined if nobody said. */
  readonly identity: string | undefined;
  /** Unit vectors [d] of pictures. */
  embed(pictures: readonly Media[]): Promise<Float32Array[]>;
}

/**
 * The vision encoder of a Flamingo: its features, averaged over positions.
 *
 * @throws {RookeryError} `usage` for a language model without vision
 */
export function flamingoEncoder(model: Flamingo): PictureEncoder {
  const { engine, image, identity } = model;
  const eyes = engine.stack.eyes;
  if (image === undefined || eyes === undefined) {
    throw new RookeryError(
      "usage",
      "Cannot compare pictures by a language model without vision: use a " +
        "Flamingo",
    );
  }
  const { positions, width } = eyes.vision;
  return {
    width,
    identity: identity?.encoder,
    async embed(pictures) {
      if (pictures.length === 0) return [];
      const pixels: Float32Array<ArrayBuffer>[] = [];
      for (const picture of pictures) {
        const [frame] = await framesOf({ image: picture }, image);
        pixels.push(image.process(frame!));
      }
      const first = pictures.map(() => 0);
      const { features } = await engine.describePictures(pixels, first);
      return pictures.map((_, i) => {
        const size = positions * width;
        const own = features.subarray(i * size, (i + 1) * size);
        return normalisedRows(meanRow(own, width), width);
      });
    },
  };
}

/** The picture tower of a contrastive model, projected to the common space. */
export function contrastiveEncoder(model: ContrastiveModel): PictureEncoder {
  const { width } = model.text;
  return {
    width,
    identity: model.identity,
    async embed(pictures) {
      const pixels: Float32Array<ArrayBuffer>[] = [];
      for (const picture of pictures) {
        const [frame] = await framesOf({ image: picture }, model.image);
        pixels.push(model.image.process(frame!));
      }
      const rows = await model.embedImages(pixels);
      return pictures.map((_, i) => rows.slice(i * width, (i + 1) * width));
    },
  };
}

/** Mean [d] of rows [n, d]. */
export function meanRow(
  rows: Float32Array,
  width: number,
): Float32Array<ArrayBuffer> {
  const count = rows.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width]! += rows[i]!;
  return Float32Array.from(mean, (sum) => sum / count);
}
