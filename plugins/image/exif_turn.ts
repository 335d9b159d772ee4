/**
 * EXIF orientation: finding it and applying it.
 *
 * @module
 */

import { u16be, u16le, u32be, u32le } from "./byte_order.ts";
import type { Picture } from "./picture.ts";

const ORIENTATION = 0x0112;

/**
 * The orientation (1 … 8) in the first directory of a TIFF block, or 1 if it
 * is missing or damaged: a wrong note must not hide a good picture.
 */
export function readExifTurn(tiff: Uint8Array | undefined): number {
  if (tiff === undefined || tiff.length < 14) return 1;
  const isLittle = tiff[0] === 0x49 && tiff[1] === 0x49;
  if (!isLittle && !(tiff[0] === 0x4d && tiff[1] === 0x4d)) return 1;
  const u16 = isLittle ? u16le : u16be;
  const directory = (isLittle ? u32le : u32be)(tiff, 4);
  const count = u16(tiff, directory);
  for (let i = 0; i < count; i++) {
    const at = directory + 2 + 12 * i;
    if (at + 12 > tiff.length) return 1;
    if (u16(tiff, at) === ORIENTATION) {
      const turn = u16(tiff, at + 8);
      return turn >= 1 && turn <= 8 ? turn : 1;
    }
  }
  return 1;
}

/** Turns and mirrors a picture so that it is upright; 5 … 8 swap the sides. */
export function applyExifTurn(picture: Picture, turn: number): Picture {
  const { width: w, height: h } = picture;
  if (turn === 1) return picture;
  const isSwapped = turn >= 5;
  // Where source pixel (x, y) goes: start + x · stepX + y · stepY.
  const row = isSwapped ? h : w;
  const last = w * h - 1;
  const [start, stepX, stepY] = {
    2: [w - 1, -1, row],
    3: [last, -1, -row],
    4: [last - w + 1, 1, -row],
    5: [0, row, 1],
    6: [h - 1, row, -1],
    7: [last, -row, -1],
    8: [last - h + 1, -row, 1],
  }[turn] ?? [0, 1, row];
  const source = new Uint32Array(picture.data.slice().buffer);
  const target = new Uint32Array(w * h);
  for (let y = 0, i = 0; y < h; y++) {
    let to = start! + y * stepY!;
    for (let x = 0; x < w; x++, i++, to += stepX!) target[to] = source[i]!;
  }
  return {
    width: isSwapped ? h : w,
    height: isSwapped ? w : h,
    data: new Uint8Array(target.buffer),
  };
}
