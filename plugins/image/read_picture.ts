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
import { ffmpegFrames } from "./ffmpeg_frames.ts";
import { pictureError } from "./picture_error.ts";
import { CONTAINER_BYTES, isVideoContainer } from "./video_container.ts";
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

/** How a video is read. */
export interface ReadFramesOptions extends ReadPictureOptions {
  /** Frames a second of a video that `ffmpeg` decodes. Default 3. */
  readonly rate?: number | undefined;
  /** The program that decodes videos. Default `ffmpeg`. */
  readonly ffmpeg?: string;
}

/** Frames a second at inference (Flamingo, appendix B.1.2). */
const RATE = 3;

/** A larger video is not handed to a decoder. */
const MOST_VIDEO_BYTES = 2 ** 29;

/**
 * Frames of a video file in order. Of a GIF all, or `most` of them evenly
 * spaced from the first to the last; of other videos, animated WebP too, `rate`
 * a second by the program `ffmpeg`; the one picture of a still file. Otherwise
 * as `readPicture`.
 */
export async function readFrames(
  source: string | Uint8Array,
  most: number,
  options: ReadFramesOptions = {},
): Promise<Picture[]> {
  if (isVideoContainer(await headOf(source))) {
    return await containerFrames(source, most, options);
  }
  const { bytes, name, limits } = await opened(source, "video", options);
  return await decodeFrames(bytes, most, name, limits);
}

/** The first bytes; none of a file that cannot be read. */
async function headOf(source: string | Uint8Array): Promise<Uint8Array> {
  if (typeof source !== "string") return source;
  try {
    using file = await Deno.open(source);
    const head = new Uint8Array(CONTAINER_BYTES);
    return head.subarray(0, await file.read(head) ?? 0);
  } catch {
    // The reader of pictures says what is wrong with it.
    return new Uint8Array();
  }
}

async function containerFrames(
  source: string | Uint8Array,
  most: number,
  { name = typeof source === "string" ? source : "video", rate = RATE, ffmpeg }:
    ReadFramesOptions,
): Promise<Picture[]> {
  const isPath = typeof source === "string";
  const bytes = isPath ? (await Deno.stat(source)).size : source.length;
  if (bytes > MOST_VIDEO_BYTES) {
    throw pictureError(
      name,
      `it has ${bytes} bytes: the limit of videos is ${MOST_VIDEO_BYTES} ` +
        "(cut the video)",
    );
  }
  // From a pipe, a file whose index stands at its end could not be read.
  const path = isPath ? source : await Deno.makeTempFile();
  try {
    if (!isPath) await Deno.writeFile(path, source);
    return await ffmpegFrames(path, {
      most,
      rate,
      name,
      ...(ffmpeg === undefined ? {} : { program: ffmpeg }),
    });
  } finally {
    if (!isPath) await Deno.remove(path);
  }
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
