/**
 * PNG decoder over the platform's inflate: every colour type, depth and
 * interlacing, with sums checked. Written here because the packages tried
 * either skip depths, tRNS and interlacing, or inflate without a bound.
 *
 * @module
 */

import { inflateSync } from "node:zlib";
import { applyExifTurn, readExifTurn } from "./exif_turn.ts";
import type { Picture } from "./picture.ts";
import { pictureError } from "./picture_error.ts";
import { readPngChunks } from "./png_chunks.ts";
import { unfilterPng } from "./png_filter.ts";
import { type PngHeader, readPngHeader } from "./png_header.ts";
import { type PngPass, pngRowWriter } from "./png_samples.ts";

const WHOLE: readonly PngPass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }];
const ADAM7: readonly PngPass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

interface SizedPass extends PngPass {
  readonly width: number;
  readonly rows: number;
  readonly rowBytes: number;
}

/**
 * Decodes a PNG whose header has passed the limits; of an animated PNG the
 * picture that its IDAT holds. Throws a `RookeryError` of code `"image"`.
 */
export function decodePng(bytes: Uint8Array, name: string): Picture {
  const header = readPngHeader(bytes, name);
  const chunks = readPngChunks(bytes, name);
  if (header.colour === 3 && chunks.palette.length < 3) {
    throw pictureError(name, "the PNG has palette colours but no palette");
  }
  const passes = sizedPasses(header);
  const size = passes.reduce((n, p) => n + p.rows * (p.rowBytes + 1), 0);
  const data = inflate(chunks.pixels, size, name);
  const rgba = new Uint8Array(header.width * header.height * 4);
  const writeRow = pngRowWriter(header, chunks, rgba);
  const pixelBytes = Math.max(1, header.channels * header.depth / 8);
  let at = 0;
  for (const pass of passes) {
    const { rows, rowBytes, width } = pass;
    if (!unfilterPng(data, at, { rows, rowBytes, pixelBytes })) {
      throw pictureError(name, "the PNG names an unknown row filter");
    }
    for (let row = 0; row < rows; row++, at += rowBytes + 1) {
      writeRow(data, at + 1, width, pass.y + row * pass.stepY, pass);
    }
  }
  const picture = { width: header.width, height: header.height, data: rgba };
  return applyExifTurn(picture, readExifTurn(chunks.exif));
}

function sizedPasses(header: PngHeader): SizedPass[] {
  const bits = header.channels * header.depth;
  return (header.isInterlaced ? ADAM7 : WHOLE).map((pass) => {
    const width = Math.ceil((header.width - pass.x) / pass.stepX);
    const rows = Math.ceil((header.height - pass.y) / pass.stepY);
    const rowBytes = Math.ceil(width * bits / 8);
    return { ...pass, width, rows, rowBytes };
  }).filter((pass) => pass.width > 0 && pass.rows > 0);
}

/** Inflates exactly `size` bytes; a stream that gives more is a bomb. */
function inflate(packed: Uint8Array, size: number, name: string): Uint8Array {
  let data: Uint8Array;
  try {
    data = inflateSync(packed, { maxOutputLength: size });
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    throw pictureError(
      name,
      code === "ERR_BUFFER_TOO_LARGE"
        ? `its PNG data unpacks to more than the ${size} bytes its header allows`
        : code === "Z_BUF_ERROR"
        ? "its PNG data is unfinished: the file was not written to its end"
        : `its PNG data is damaged (${(cause as Error).message})`,
      { cause },
    );
  }
  if (data.length < size) {
    throw pictureError(
      name,
      `its PNG data is unfinished: ${data.length} of ${size} bytes are there`,
      { expected: size, actual: data.length },
    );
  }
  return data;
}
