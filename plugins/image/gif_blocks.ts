/**
 * Walks the blocks of a GIF from frame to frame.
 * Source: GIF89a specification. No pixel is decoded here.
 *
 * @module
 */

import { u16le } from "./byte_order.ts";
import { pictureError } from "./picture_error.ts";

/** What happens to a frame's place before the next frame is drawn. */
export type GifDisposal = "keep" | "clear" | "restore";

/** A frame of a GIF and where its parts lie in the file. */
export interface GifFrame {
  /** Left edge on the canvas, in pixels. */
  readonly left: number;
  /** Top edge on the canvas, in pixels. */
  readonly top: number;
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** True if rows come in four passes. */
  readonly isInterlaced: boolean;
  /** Palette index that is clear, or -1. */
  readonly clear: number;
  /** What happens to its place afterwards. */
  readonly disposal: GifDisposal;
  /** RGB triples: the frame's own palette, else the file's; maybe empty. */
  readonly palette: Uint8Array;
  /** Offset of the code size byte; data sub-blocks follow. */
  readonly dataAt: number;
  /** False if the file ends within the frame. */
  readonly isWhole: boolean;
}

/** Facts of a GIF. */
export interface GifHeader {
  /** Columns of the canvas, enlarged to hold the first frame. */
  readonly width: number;
  /** Rows of the canvas, enlarged to hold the first frame. */
  readonly height: number;
  /** Frames that the file holds, as far as it is readable. */
  readonly frames: number;
  /** The frame that is the picture. */
  readonly first: GifFrame;
}

/** Disposals by their number in the file; unknown numbers keep the frame. */
const DISPOSALS: readonly GifDisposal[] = ["keep", "keep", "clear", "restore"];

/** Reads block headers; throws if there is no frame at all. */
export function readGifHeader(bytes: Uint8Array, name: string): GifHeader {
  if (bytes.length < 13) {
    throw pictureError(name, "the GIF is cut short within its header");
  }
  let first: GifFrame | undefined;
  let frames = 0;
  for (const frame of gifFrames(bytes)) {
    first ??= frame;
    frames++;
  }
  if (first === undefined) {
    throw pictureError(name, "the GIF has no frame in it");
  }
  return {
    width: Math.max(u16le(bytes, 6), first.left + first.width),
    height: Math.max(u16le(bytes, 8), first.top + first.height),
    frames,
    first,
  };
}

/** The frames of a GIF in order, as far as they can be read. */
export function* gifFrames(bytes: Uint8Array): Generator<GifFrame, void> {
  const tableEnd = 13 + paletteBytes(bytes[10] ?? 0);
  const table = bytes.subarray(13, tableEnd);
  let control = 0; // flags of the control block before a frame
  let clear = -1;
  let at = tableEnd;
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === 0x21) {
      if (bytes[at + 1] === 0xf9) {
        control = bytes[at + 3] ?? 0;
        if (control & 1) clear = bytes[at + 6] ?? -1;
      }
      at = skipData(bytes, at + 2);
    } else if (kind === 0x2c) {
      const dataAt = at + 10 + paletteBytes(bytes[at + 9] ?? 0);
      const next = skipData(bytes, dataAt + 1);
      const disposal = DISPOSALS[(control >> 2) & 7] ?? "keep";
      yield readFrame(bytes, at, { dataAt, next, clear, disposal, table });
      control = 0;
      clear = -1;
      at = next;
    } else break; // the trailer, or nothing that can be read
  }
}

function readFrame(
  bytes: Uint8Array,
  at: number,
  found: Pick<GifFrame, "dataAt" | "clear" | "disposal"> & {
    readonly next: number;
    readonly table: Uint8Array;
  },
): GifFrame {
  const flags = bytes[at + 9] ?? 0;
  return {
    left: u16le(bytes, at + 1),
    top: u16le(bytes, at + 3),
    width: u16le(bytes, at + 5),
    height: u16le(bytes, at + 7),
    isInterlaced: (flags & 0x40) !== 0,
    clear: found.clear,
    disposal: found.disposal,
    palette: flags & 0x80 ? bytes.subarray(at + 10, found.dataAt) : found.table,
    dataAt: found.dataAt,
    isWhole: found.next <= bytes.length,
  };
}

function paletteBytes(flags: number): number {
  return flags & 0x80 ? 3 * (2 << (flags & 7)) : 0;
}

/** Offset after the sub-blocks; beyond the file's end if it is cut short. */
function skipData(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const size = bytes[at] ?? 0;
    at += 1 + size;
    if (size === 0) return at;
  }
  return bytes.length + 1;
}
