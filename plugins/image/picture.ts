/**
 * Pictures in memory and the limits that are checked before decoding.
 *
 * @module
 */

/** A decoded picture with straight (not premultiplied) alpha. */
export interface Picture {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** RGBA bytes, row by row from the top: [height, width, 4]. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A picture without alpha. */
export interface RgbPicture {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** RGB bytes, row by row from the top: [height, width, 3]. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What a picture may cost; checked on the header, before decoding. */
export interface PictureLimits {
  /** Most bytes of the encoded file. */
  readonly maxBytes: number;
  /** Most pixels, width × height. */
  readonly maxPixels: number;
  /** Longest side, in pixels. */
  readonly maxSide: number;
}

/** 20 MiB encoded, 50 megapixels, no side over 16,384 pixels. */
export const DEFAULT_PICTURE_LIMITS: PictureLimits = Object.freeze({
  maxBytes: 20 * 1024 * 1024,
  maxPixels: 50_000_000,
  maxSide: 16_384,
});

/** File formats that can be decoded. */
export type PictureFormat = "png" | "jpeg" | "webp" | "gif";

/** What a file's header says about its picture. */
export interface PictureHeader {
  /** Format by the first bytes, whatever the file is called. */
  readonly format: PictureFormat;
  /** Columns in pixels as stored, before an EXIF turn. */
  readonly width: number;
  /** Rows in pixels as stored, before an EXIF turn. */
  readonly height: number;
  /** Pictures in the file, where the format counts them (GIF). */
  readonly frames?: number;
}
