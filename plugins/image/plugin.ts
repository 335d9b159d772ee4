/**
 * The image processor as a plugin: resize, crop or pad, and normalise by the
 * config's `image` section.
 *
 * @module
 */

import type { ImageProcessor, Picture } from "../../models/slots.ts";
import { definePart, definePlugin, type Part, type Plugin } from "../plugin.ts";
import {
  integer,
  listOf,
  number,
  objectOf,
  oneOf,
  optional,
  orElse,
  type Schema,
} from "../schema.ts";
import { fitPicture, preprocess, type PreprocessSpec } from "./preprocess.ts";
import type { RgbPicture } from "./picture.ts";
import { readFrames, readPicture } from "./read_picture.ts";

/** Three values, one a channel. */
type Colour = readonly [red: number, green: number, blue: number];

/** Brings `image`. */
export function imagePlugin(): Plugin {
  return definePlugin({
    name: "image",
    version: "0.1.0",
    contract: 1,
    parts: [processor()],
  });
}

function processor(): Part<"image"> {
  const filters = oneOf(
    "bicubic",
    "bilinear",
    "lanczos",
    "box",
    "hamming",
    "nearest",
  );
  const fields = {
    px: optional(integer()),
    fit: orElse(oneOf("crop", "pad", "stretch"), "crop"),
    resize: orElse(filters, "bicubic"),
    trim: optional(integer(0)),
    margin: optional(number(0)),
    mean: orElse(colour(), [0, 0, 0]),
    std: orElse(colour(), [1, 1, 1]),
    background: orElse(colour(), [255, 255, 255]),
  };
  return definePart({
    slot: "image",
    name: "image",
    schema: objectOf(fields),
    build(config, { neighbours: { vision } }): ImageProcessor {
      const { trim, margin, px = vision!.px, ...rest } = config;
      const spec: PreprocessSpec = {
        ...rest,
        px,
        ...(trim === undefined ? {} : { trim }),
        ...(margin === undefined ? {} : { margin }),
      };
      return {
        px,
        process: ({ width, height, data }) =>
          preprocess({ width, height, data: ownBytes(data) }, spec),
        view: ({ width, height, data }) =>
          opaque(fitPicture({ width, height, data: ownBytes(data) }, spec)),
        read: (source) => readPicture(source),
        readFrames: (source, most, rate) => readFrames(source, most, { rate }),
      };
    },
  });
}

function colour(): Schema<Colour> {
  return listOf(number(), { least: 3, most: 3 }) as Schema<Colour>;
}

/** RGB as RGBA. */
function opaque({ width, height, data }: RgbPicture): Picture {
  const out = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    out.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
  }
  return { width, height, data: out };
}

/** The same bytes, not shared between threads. */
function ownBytes(data: Uint8Array): Uint8Array<ArrayBuffer> {
  return data.buffer instanceof ArrayBuffer
    ? data as Uint8Array<ArrayBuffer>
    : new Uint8Array(data);
}
