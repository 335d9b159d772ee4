/**
 * Frames of video files by the program `ffmpeg`, where it is installed. Its
 * arguments are fixed but for numbers and the file's path; it may read files
 * and pipes only, for a limited time, and write a limited amount.
 *
 * @module
 */

import { resolve } from "node:path";
import type { Picture } from "./picture.ts";
import { pictureError } from "./picture_error.ts";

/** Which frames are taken. */
export interface FfmpegOptions {
  /** Most frames, from the beginning. */
  readonly most: number;
  /** Frames a second. */
  readonly rate: number;
  /** Name of the file in errors. */
  readonly name: string;
  /** The program. Default `ffmpeg`, found on the path. */
  readonly program?: string;
  /** Most milliseconds. Default a minute. */
  readonly limitMs?: number;
}

/** Frames are made no larger, as no encoder reads more. */
const MOST_SIDE = 1024;
const LIMIT_MS = 60_000;

/** Frames in order. Throws a `RookeryError` of code `"image"`. */
export async function ffmpegFrames(
  path: string,
  options: FfmpegOptions,
): Promise<Picture[]> {
  const { most, name, limitMs = LIMIT_MS } = options;
  const child = spawned(path, options);
  let stopped: string | undefined;
  const stop = (reason: string): void => {
    stopped ??= reason;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  };
  const timer = setTimeout(
    () => stop(`decoding took over ${limitMs / 1000} s: cut the video`),
    limitMs,
  );
  try {
    const mostBytes = most * (MOST_SIDE ** 2 * 3 + 64);
    const said = new Response(child.stderr).text();
    const bytes = await collected(child.stdout, mostBytes, stop);
    const [{ success }, errors] = [await child.status, await said];
    if (stopped !== undefined) throw pictureError(name, stopped);
    const frames = success ? readPpm(bytes, name).slice(0, most) : [];
    if (frames.length > 0) return frames;
    const last = errors.trim().split("\n").at(-1)?.slice(0, 200);
    throw pictureError(
      name,
      `ffmpeg found no frames in it${last ? ` (${last})` : ""}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function spawned(
  path: string,
  { most, rate, name, program = "ffmpeg" }: FfmpegOptions,
): Deno.ChildProcess {
  const side = (letter: string) => `'min(${MOST_SIDE},i${letter})'`;
  const filter = `fps=${rate},scale=${side("w")}:${side("h")}` +
    ":force_original_aspect_ratio=decrease";
  const given = [
    ["-nostdin", "-hide_banner", "-loglevel", "error"],
    // A file that names others on the network must not have them fetched.
    ["-protocol_whitelist", "pipe,file", "-i", `file:${resolve(path)}`],
    ["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", filter],
    ["-frames:v", `${most}`, "-f", "image2pipe", "-c:v", "ppm", "pipe:1"],
  ];
  try {
    return new Deno.Command(program, {
      args: given.flat(),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? `it is a video, which needs the program ${program}: install it (e.g. ` +
        "apt-get install ffmpeg), or give the frames as pictures"
      : `${program} cannot be run (${(cause as Error).message})`;
    throw pictureError(name, reason, { cause });
  }
}

async function collected(
  stream: ReadableStream<Uint8Array>,
  most: number,
  stop: (reason: string) => void,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > most) stop("its frames are larger than they were asked to be");
    else parts.push(part);
  }
  const all = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Pictures of a stream of binary PPM files (P6, 8 bits). */
function readPpm(bytes: Uint8Array, name: string): Picture[] {
  const pictures: Picture[] = [];
  const text = new TextDecoder("latin1");
  for (let at = 0; at < bytes.length;) {
    const head = text.decode(bytes.subarray(at, at + 40));
    const match = /^P6\s(\d+)\s(\d+)\s255\s/.exec(head);
    const [width, height] = [Number(match?.[1]), Number(match?.[2])];
    const end = at + (match?.[0].length ?? 0) + width * height * 3;
    // A run that was cut short leaves half a frame.
    if (!match || !(width * height > 0) || end > bytes.length) {
      throw pictureError(name, "what ffmpeg wrote is no list of frames");
    }
    const data = new Uint8Array(width * height * 4).fill(255);
    at += match[0].length;
    for (let i = 0; at < end; at += 3, i += 4) {
      data[i] = bytes[at]!;
      data[i + 1] = bytes[at + 1]!;
      data[i + 2] = bytes[at + 2]!;
    }
    pictures.push({ width, height, data });
  }
  return pictures;
}
