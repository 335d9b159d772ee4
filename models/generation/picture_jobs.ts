/**
 * Pictures and videos to encode, checked before anything is made for them.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { groupsOf } from "./buckets.ts";
import type { ModelStack, VisionStack } from "./stack.ts";

/** Pixels of a picture [3, px, px] or of a video's frames [f, 3, px, px]. */
export type PicturePixels = Float32Array<ArrayBuffer>;

/** A picture or video to encode. */
export interface PictureJob {
  /** Its pixels. */
  readonly pixels: PicturePixels;
  /** Its frames, f; a picture is a video of one. */
  readonly frames: number;
  /** How many pictures and videos come before it in its sequence. */
  readonly index: number;
  /** Its place among those that are encoded together. */
  readonly at: number;
  /** Frames of all that stand before that place. */
  readonly firstFrame: number;
}

/** Pictures of one program run. */
const MOST_PICTURES = 4;

/**
 * Jobs for pictures and videos; `indices` are their places in sequences.
 *
 * @throws {RookeryError} `prompt` for a model without vision, pixels that are
 * no whole frames, more frames or pictures than the resampler reads
 */
export function pictureJobs(
  stack: ModelStack,
  pixels: readonly PicturePixels[],
  indices: readonly number[],
): PictureJob[] {
  const eyes = eyesOf(stack);
  let firstFrame = 0;
  return pixels.map((own, at) => {
    const frames = framesOf(eyes, own);
    const job = { pixels: own, frames, index: indices[at]!, at, firstFrame };
    checkIndex(eyes, job.index);
    firstFrame += frames;
    return job;
  });
}

/** The vision parts of a model; throws `prompt` where there are none. */
export function eyesOf({ eyes }: ModelStack): VisionStack {
  if (eyes !== undefined) return eyes;
  throw new RookeryError(
    "prompt",
    "Cannot read a picture as the model is a language model without vision: " +
      "use a model with vision, or a prompt of text only",
  );
}

/**
 * Jobs that run together: pictures by fours, videos one by one, as their
 * frames fill a run.
 */
export function jobGroups(jobs: readonly PictureJob[]): PictureJob[][] {
  const still = jobs.filter(({ frames }) => frames === 1);
  const moving = jobs.filter(({ frames }) => frames > 1);
  return [...groupsOf(still, MOST_PICTURES), ...groupsOf(moving, 1)];
}

/** Pictures of the program that takes so many. */
export function pictureBucket(count: number): number {
  return count === 1 ? 1 : MOST_PICTURES;
}

function framesOf(
  { vision: { px }, resampler }: VisionStack,
  pixels: PicturePixels,
): number {
  const size = 3 * px ** 2;
  const frames = pixels.length / size;
  const most = resampler.frames ?? Infinity;
  if (Number.isInteger(frames) && frames >= 1 && frames <= most) return frames;
  if (frames > most && Number.isInteger(frames)) {
    const reads = most === 1 ? "single pictures" : `${most} frames`;
    throw new RookeryError(
      "prompt",
      `Cannot read a video of ${frames} frames as the resampler reads ` +
        `${reads} only: give fewer frames, or use a resampler for videos`,
      { expected: most, actual: frames },
    );
  }
  throw new RookeryError(
    "prompt",
    `Cannot read ${pixels.length} numbers as pixels of a picture: they must ` +
      `be [3, ${px}, ${px}], or [f, 3, ${px}, ${px}] for a video`,
    { expected: size, actual: pixels.length },
  );
}

function checkIndex({ resampler }: VisionStack, index: number): void {
  const most = resampler.pictures ?? Infinity;
  if (index < most) return;
  throw new RookeryError(
    "prompt",
    `Cannot read picture ${index + 1} of a sequence as the resampler has ` +
      `embeddings of ${most}: use fewer pictures`,
    { expected: most, actual: index + 1 },
  );
}
