/**
 * Examples from a file: JSON lines of `{"image","text"}` or
 * `{"image","question","answer"}`, with paths relative to the file.
 *
 * @module
 */

import { didYouMean, RookeryError, type Shot } from "../mod.ts";
import type { Options } from "./command.ts";
import { picturePath } from "./picture_path.ts";
import { badItem, type JsonLine, readJsonLines } from "./read_json_lines.ts";

/** The option that names such a file. */
export const SHOTS_OPTION = {
  shots: {
    type: "text",
    value: "FILE",
    help: 'Examples, JSON lines: {"image","text"} or ' +
      '{"image","question","answer"}',
  },
} as const satisfies Options;

const KEYS = ["image", "video", "text", "question", "answer"] as const;

/** Reads a shots file; none if no path is given. */
export async function readShots(path: string | undefined): Promise<Shot[]> {
  if (path === undefined) return [];
  return (await readShotLines(path)).map(({ shot }) => shot);
}

/** A shot, and where it stands. */
export interface ShotLine {
  /** The shot. */
  readonly shot: Shot;
  /** `FILE:LINE`, for messages. */
  readonly place: string;
}

/** Reads a shots file; throws `file` or `prompt`. */
export async function readShotLines(path: string): Promise<ShotLine[]> {
  const shots: ShotLine[] = [];
  for (const line of await readJsonLines(path)) {
    shots.push({ shot: await readShot(line, path), place: line.place });
  }
  if (shots.length > 0) return shots;
  throw new RookeryError(
    "prompt",
    `Cannot use ${path} as it holds no shots: write one JSON object a line`,
    { path },
  );
}

async function readShot(
  { value, place }: JsonLine,
  file: string,
): Promise<Shot> {
  for (const key of Object.keys(value)) {
    if ((KEYS as readonly string[]).includes(key)) continue;
    const hint = didYouMean(key, KEYS);
    throw badItem(
      place,
      `"${key}" is unknown${hint}: known are ${KEYS.join(", ")}`,
    );
  }
  const { image: path, video, text, question, answer } = value;
  const hasQuestion = question !== undefined || answer !== undefined;
  if ((text !== undefined) === hasQuestion) {
    const found = hasQuestion ? "both" : "neither";
    throw badItem(
      place,
      `it has ${found} a text and a question: give "text", or "question" ` +
        'and "answer"',
    );
  }
  if (path !== undefined && video !== undefined) {
    throw badItem(place, "it has an image and a video: give one of them");
  }
  const shown = video === undefined
    ? { image: await picturePath(path, { file, place }) }
    : {
      image: await picturePath(video, { file, place, key: "video" }),
      video: {},
    };
  if (!hasQuestion) return { ...shown, text: wordsOf("text", text, place) };
  return {
    ...shown,
    question: wordsOf("question", question, place),
    answer: wordsOf("answer", answer, place),
  };
}

function wordsOf(key: string, value: unknown, place: string): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  if (Array.isArray(value)) {
    throw badItem(
      place,
      `"${key}" is a list of ${value.length}: a shot shows one, choose it`,
    );
  }
  throw badItem(
    place,
    `"${key}" is ${JSON.stringify(value)}: it must be a text that is not empty`,
  );
}
