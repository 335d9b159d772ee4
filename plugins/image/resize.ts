/**
 * Resize with Pillow's arithmetic, so that a picture gives the same bytes in
 * training and here: two passes of whole numbers, each rounded to 8 bits. Source: the behaviour of Pillow's `Image.resize`.
 *
 * @module
 */

import { cropRgb, type Rectangle } from "./crop.ts";
import type { RgbPicture } from "./picture.ts";
import {
  type ResizeFilter,
  type ResizeSide,
  type ResizeWeights,
  resizeWeights,
  WEIGHT_BITS,
} from "./resize_filter.ts";

const HALF = 1 << (WEIGHT_BITS - 1);

/** Resizes to `width` × `height` pixels; a pass is skipped where none changes. */
export function resize(
  rgb: RgbPicture,
  width: number,
  height: number,
  filter: ResizeFilter,
): RgbPicture {
  const part = { left: 0, top: 0, width, height };
  return resizePart(rgb, { width, height, filter, part });
}

/** A resize of which only a part is wanted. */
export interface PartialResize {
  /** Columns of the whole result. */
  readonly width: number;
  /** Rows of the whole result. */
  readonly height: number;
  /** Resampling filter. */
  readonly filter: ResizeFilter;
  /** The part of the result that is computed and returned. */
  readonly part: Rectangle;
}

/**
 * What cropping the resized picture to `part` gives, at the cost of the part:
 * the whole result of a very long picture may not fit in memory.
 */
export function resizePart(
  rgb: RgbPicture,
  options: PartialResize,
): RgbPicture {
  const { width, height, filter, part } = options;
  const across = {
    size: rgb.width,
    target: width,
    from: part.left,
    length: part.width,
  };
  const down = {
    size: rgb.height,
    target: height,
    from: part.top,
    length: part.height,
  };
  if (filter === "nearest") return nearest(rgb, across, down);
  const columns = width === rgb.width
    ? undefined
    : resizeWeights(filter, across);
  const rows = height === rgb.height ? undefined : resizeWeights(filter, down);
  const region = readRegion(rgb, part, columns, rows);
  if (isRowsFirst(across, down)) {
    const low = rows ? resizeRows(region, rows) : region;
    return columns ? resizeColumns(low, columns) : low;
  }
  const narrow = columns ? resizeColumns(region, columns) : region;
  return rows ? resizeRows(narrow, rows) : narrow;
}

/**
 * The order of the passes, which shows in the last bits: since Pillow 13 the
 * rows come first when the height loses more than twice what the width loses.
 */
function isRowsFirst(across: ResizeSide, down: ResizeSide): boolean {
  const loss = down.size - down.target;
  return loss > 0 && loss > 2 * (across.size - across.target);
}

/** Cuts to the pixels that the weights read, and shifts the weights to it. */
function readRegion(
  rgb: RgbPicture,
  part: Rectangle,
  columns: ResizeWeights | undefined,
  rows: ResizeWeights | undefined,
): RgbPicture {
  const [left, width] = columns
    ? shiftToZero(columns)
    : [part.left, part.width];
  const [top, height] = rows ? shiftToZero(rows) : [part.top, part.height];
  if (width === rgb.width && height === rgb.height) return rgb;
  return cropRgb(rgb, { left, top, width, height });
}

/** First place read, and how many places; the weights then start at 0. */
function shiftToZero(weights: ResizeWeights): [number, number] {
  const { first, count } = weights;
  const from = first[0]!;
  const last = first.length - 1;
  const length = first[last]! + count[last]! - from;
  for (let i = 0; i <= last; i++) first[i] = first[i]! - from;
  return [from, length];
}

/** The pixel under the middle of each output pixel. */
function nearest(
  rgb: RgbPicture,
  across: ResizeSide,
  down: ResizeSide,
): RgbPicture {
  const { length: width } = across;
  const { length: height } = down;
  const data = new Uint8Array(width * height * 3);
  const columns = middles(across);
  const rows = middles(down);
  for (let y = 0, to = 0; y < height; y++) {
    const row = rows[y]! * rgb.width;
    for (let x = 0; x < width; x++, to += 3) {
      const from = (row + columns[x]!) * 3;
      data[to] = rgb.data[from]!;
      data[to + 1] = rgb.data[from + 1]!;
      data[to + 2] = rgb.data[from + 2]!;
    }
  }
  return { width, height, data };
}

/** Added up step by step, as Pillow does: a product rounds differently. */
function middles(side: ResizeSide): Int32Array {
  const step = side.size / side.target;
  const out = new Int32Array(side.length);
  let at = step * 0.5;
  for (let i = 0; i < side.from + side.length; i++, at += step) {
    if (i >= side.from) {
      out[i - side.from] = Math.min(side.size - 1, Math.trunc(at));
    }
  }
  return out;
}

function resizeColumns(rgb: RgbPicture, plan: ResizeWeights): RgbPicture {
  const { height, data: source } = rgb;
  const { first, count, weights, stride } = plan;
  const width = first.length;
  const data = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const row = y * rgb.width;
    for (let x = 0; x < width; x++, to += 3) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (row + first[x]!) * 3;
      let at = x * stride;
      for (const end = at + count[x]!; at < end; at++, from += 3) {
        const weight = weights[at]!;
        red = (red + source[from]! * weight) | 0;
        green = (green + source[from + 1]! * weight) | 0;
        blue = (blue + source[from + 2]! * weight) | 0;
      }
      data[to] = red >> WEIGHT_BITS; // clamped to 0 … 255 by the array
      data[to + 1] = green >> WEIGHT_BITS;
      data[to + 2] = blue >> WEIGHT_BITS;
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

function resizeRows(rgb: RgbPicture, plan: ResizeWeights): RgbPicture {
  const { width, data: source } = rgb;
  const { first, count, weights, stride } = plan;
  const height = first.length;
  const row = width * 3;
  const data = new Uint8ClampedArray(row * height);
  const sums = new Int32Array(row); // row by row: memory in order
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < count[y]!; k++) {
      const weight = weights[y * stride + k]!;
      const from = (first[y]! + k) * row;
      for (let i = 0; i < row; i++) {
        sums[i] = sums[i]! + source[from + i]! * weight;
      }
    }
    for (let i = 0; i < row; i++) data[y * row + i] = sums[i]! >> WEIGHT_BITS;
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}
