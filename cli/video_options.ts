/**
 * Options of videos: which files are shown as one, and which frames are taken.
 *
 * @module
 */

import { extname } from "node:path";
import { RookeryError, type VideoOptions } from "../mod.ts";
import type { Options, OptionValues } from "./command.ts";

/** Options of commands that read videos. */
export const VIDEO_OPTIONS = {
  video: {
    type: "flag",
    help: "Show GIF and animated WebP files as videos, not their first frame",
  },
  frames: {
    type: "integer",
    value: "N",
    help: "Most frames of a video (default 30)",
  },
  rate: {
    type: "number",
    value: "R",
    help: "Frames a second that are taken of a video file (default 3)",
  },
} as const satisfies Options;

/** Files that are nothing but videos. */
const VIDEOS = [
  ".mp4",
  ".m4v",
  ".mov",
  ".webm",
  ".mkv",
  ".avi",
  ".ogv",
  ".mpg",
  ".mpeg",
];

/** How a file is shown; undefined for a picture. */
export type VideoOf = (path: string) => VideoOptions | undefined;

/** What options say about videos; throws a `usage` error. */
export function videoOf(
  { video, frames, rate }: OptionValues<typeof VIDEO_OPTIONS>,
): VideoOf {
  const reason = frames !== undefined && frames < 1
    ? `--frames ${frames}: it must be at least 1`
    : rate !== undefined && !(rate > 0 && rate <= 120)
    ? `--rate ${rate}: it must be over 0 and at most 120`
    : undefined;
  if (reason !== undefined) {
    throw new RookeryError("usage", `Cannot read videos with ${reason}`);
  }
  const options: VideoOptions = {
    ...(frames === undefined ? {} : { most: frames }),
    ...(rate === undefined ? {} : { rate }),
  };
  return (path) => {
    const kind = extname(path).toLowerCase();
    const isMoving = video && [".gif", ".webp"].includes(kind);
    return isMoving || VIDEOS.includes(kind) ? options : undefined;
  };
}

/** Whether a file's name ends as that of a video. */
export function isVideoPath(path: string): boolean {
  return VIDEOS.includes(extname(path).toLowerCase());
}
