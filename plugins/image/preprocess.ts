/**
 * From a picture to the numbers a vision encoder reads, by a declaration.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { compositeOnWhite } from "./composite.ts";
import { padRgb, trimRgb } from "./crop.ts";
import type { Picture, RgbPicture } from "./picture.ts";
import { resize, resizePart } from "./resize.ts";
import type { ResizeFilter } from "./resize_filter.ts";

/** How pictures are made ready for an encoder. */
export interface PreprocessSpec {
  /** Side of the square result, in pixels. */
  readonly px: number;
  /**
   * `"crop"`: shortest side to `px`, then the middle (CLIP); `"pad"`: on a
   * square of background, then to `px`; `"stretch"`: straight to `px` × `px`.
   */
  readonly fit: "crop" | "pad" | "stretch";
  /**
   * Cut away the border whose channels differ from the background by at most
   * this many levels; left out: no trimming.
   */
  readonly trim?: number;
  /** Border around a padded picture, as a fraction of its longest side. */
  readonly margin?: number;
  /** Resampling filter. */
  readonly resize: ResizeFilter;
  /** Mean of each channel, of values 0 … 1. */
  readonly mean: readonly [number, number, number];
  /** Deviation of each channel, of values 0 … 1. */
  readonly std: readonly [number, number, number];
  /** Colour under alpha and in the border, 0 … 255. */
  readonly background: readonly [number, number, number];
}

/**
 * Makes a picture ready: alpha away, trim, fit, resize, normalise.
 *
 * Returns f32 values (v/255 − mean)/std, planar: [3, px, px], channels R G B.
 */
export function preprocess(
  picture: Picture,
  spec: PreprocessSpec,
): Float32Array<ArrayBuffer> {
  return normalise(fitPicture(picture, spec), spec);
}

/** The steps of `preprocess` before normalising: `px` × `px` RGB bytes. */
export function fitPicture(
  picture: Picture,
  spec: PreprocessSpec,
): RgbPicture {
  checkSpec(spec);
  const flat = compositeOnWhite(picture, spec.background);
  const rgb = spec.trim === undefined
    ? flat
    : trimRgb(flat, spec.background, spec.trim);
  switch (spec.fit) {
    case "pad":
      return resize(padded(rgb, spec), spec.px, spec.px, spec.resize);
    case "crop":
      return middle(rgb, spec);
    case "stretch":
      return resize(rgb, spec.px, spec.px, spec.resize);
  }
}

/** In the middle of a square with the margin on both sides. */
function padded(rgb: RgbPicture, spec: PreprocessSpec): RgbPicture {
  const longest = Math.max(rgb.width, rgb.height);
  const margin = Math.floor((spec.margin ?? 0) * longest + 0.5);
  return padRgb(rgb, longest + 2 * margin, spec.background);
}

/** Rounded as torchvision's Resize and CenterCrop do. */
function middle(rgb: RgbPicture, spec: PreprocessSpec): RgbPicture {
  const { px } = spec;
  const { width: w, height: h } = rgb;
  const width = w <= h ? px : Math.trunc(px * w / h);
  const height = w <= h ? Math.trunc(px * h / w) : px;
  const part = {
    left: roundHalfEven((width - px) / 2),
    top: roundHalfEven((height - px) / 2),
    width: px,
    height: px,
  };
  return resizePart(rgb, { width, height, filter: spec.resize, part });
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor & 1) : Math.round(x);
}

function normalise(
  rgb: RgbPicture,
  spec: PreprocessSpec,
): Float32Array<ArrayBuffer> {
  const size = rgb.width * rgb.height;
  const out = new Float32Array(3 * size);
  for (let c = 0; c < 3; c++) {
    const level = new Float32Array(256);
    for (let v = 0; v < 256; v++) {
      level[v] = (v / 255 - spec.mean[c]!) / spec.std[c]!;
    }
    for (let i = 0, from = c; i < size; i++, from += 3) {
      out[c * size + i] = level[rgb.data[from]!]!;
    }
  }
  return out;
}

function checkSpec(spec: PreprocessSpec): void {
  const { px, margin = 0 } = spec;
  if (!Number.isInteger(px) || px < 1) {
    throw badSpec("px", "a whole number of at least 1", px);
  }
  if (!(margin >= 0 && margin <= 1)) {
    throw badSpec("margin", "a fraction from 0 to 1", margin);
  }
  if (margin > 0 && spec.fit !== "pad") {
    throw badSpec("margin", `0 where fit is "${spec.fit}"`, margin);
  }
  if (!spec.std.every((v) => v > 0)) {
    throw badSpec("std", "above 0 in each channel", spec.std);
  }
}

function badSpec(key: string, rule: string, actual: unknown): Error {
  return new RookeryError(
    "config",
    `Cannot preprocess pictures as image.${key} is ${actual}: it must be ${rule}`,
    { path: `image.${key}`, expected: rule, actual },
  );
}
