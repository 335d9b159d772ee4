/**
 * Reads a picture file, with the gate on its size before a byte is read.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import {
  checkPictureBytes,
  decodeFrames,
  decodeImage,
} from "./decode_image.ts";
import {
  DEFAULT_PICTURE_LIMITS,
  type Picture,
  type PictureLimits,
} from "./picture.ts";

/** How a picture is read. */
export interface ReadPictureOptions {
  /** Name in errors; the path, or "picture" for bytes. */
  readonly name?: string;
  /** Limits that differ from `DEFAULT_PICTURE_LIMITS`. */
  readonly limits?: Partial<PictureLimits>;
}

/**
 * Reads and decodes a picture from a path or from the bytes of a file.
 *
 * Nothing is fetched from the network: a path is a path. Throws a
 * `RookeryError` that names the file and the reason, of code `"file"` when it
 * cannot be read (missing, a folder, no permission), else of code `"image"`.
 */
export async function readPicture(
  source: string | Uint8Array,
  options: ReadPictureOptions = {},
): Promise<Picture> {
  const { bytes, name, limits } = await opened(source, "picture", options);
  return await decodeImage(bytes, name, limits);
}

/**
 * Frames of a video file (GIF) in order: all, or `most` of them evenly spaced
 * from the first to the last; the one picture of a still file. Otherwise as
 * `readPicture`.
 */
export async function readFrames(
  source: string | Uint8Array,
  most: number,
  options: ReadPictureOptions = {},
): Promise<Picture[]> {
  const { bytes, name, limits } = await opened(source, "video", options);
  return await decodeFrames(bytes, most, name, limits);
}

async function opened(
  source: string | Uint8Array,
  what: string,
  { name, limits = {} }: ReadPictureOptions,
): Promise<{
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly limits: Partial<PictureLimits>;
}> {
  if (typeof source !== "string") {
    return { bytes: source, name: name ?? what, limits };
  }
  const path = name ?? source;
  const all = { ...DEFAULT_PICTURE_LIMITS, ...limits };
  return { bytes: await readBytes(source, path, all), name: path, limits };
}

async function readBytes(
  path: string,
  name: string,
  limits: PictureLimits,
): Promise<Uint8Array> {
  try {
    const info = await Deno.stat(path);
    if (info.isDirectory) {
      throw fileError(name, "it is a folder: name a picture in it");
    }
    if (!info.isFile) throw fileError(name, "it is no regular file");
    checkPictureBytes(info.size, name, limits);
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof RookeryError) throw cause;
    if (cause instanceof Deno.errors.NotFound) {
      throw fileError(name, "there is no such file: check the path", cause);
    }
    if (
      cause instanceof Deno.errors.PermissionDenied ||
      cause instanceof Deno.errors.NotCapable
    ) {
      throw fileError(name, `it may not be read (${cause.message})`, cause);
    }
    throw fileError(name, (cause as Error).message, cause);
  }
}

function fileError(name: string, reason: string, cause?: unknown): Error {
  return new RookeryError(
    "file",
    `Cannot read picture "${name}" as ${reason}`,
    { path: name, cause },
  );
}
