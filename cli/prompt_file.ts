/**
 * Interleaved prompts from a file: a JSON list of `{"image"}`, `{"video"}`,
 * `{"frames"}`, `{"text"}` and `{"endOfChunk":true}`, with paths relative to the
 * file.
 *
 * @module
 */

import {
  didYouMean,
  type Media,
  type PromptItem,
  type VideoOptions,
} from "../mod.ts";
import { type PathOrigin, picturePath } from "./picture_path.ts";
import {
  asObject,
  badItem,
  parseJson,
  readTextFile,
} from "./read_json_lines.ts";

/** Keys that stand beside "video". */
const VIDEO_KEYS = ["most", "rate"];

const KEYS = ["image", "video", "frames", "text", "endOfChunk"] as const;

/** Reads a prompt file; throws a `file` or `prompt` error. */
export async function readPrompt(path: string): Promise<PromptItem<Media>[]> {
  return await readItems(parseJson(await readTextFile(path), path), path, path);
}

/**
 * Items from a JSON value that stands at `where` in `file`; paths are relative
 * to the file.
 */
export async function readItems(
  list: unknown,
  file: string,
  where: string,
): Promise<PromptItem<Media>[]> {
  if (!Array.isArray(list) || list.length === 0) {
    throw badItem(
      where,
      'it is no list of items: write [{"image":"a.png"},{"text":"…"}]',
    );
  }
  const items: PromptItem<Media>[] = [];
  for (const [i, value] of list.entries()) {
    const place = `${where}, item ${i + 1},`;
    items.push(await readItem(asObject(value, place), file, place));
  }
  return items;
}

async function readItem(
  value: Readonly<Record<string, unknown>>,
  file: string,
  place: string,
): Promise<PromptItem<Media>> {
  const [key = "", ...others] = Object.keys(value)
    .filter((name) => !("video" in value && VIDEO_KEYS.includes(name)));
  if (others.length > 0) {
    throw badItem(
      place,
      `it has ${others.length + 1} keys: give each item one of ` +
        "image, video, frames, text and endOfChunk",
    );
  }
  const origin = { file, place };
  switch (key) {
    case "image":
      return { image: await picturePath(value.image, origin) };
    case "video":
      return {
        video: await picturePath(value.video, { ...origin, key }),
        ...videoOptions(value, place),
      };
    case "frames":
      return { frames: await framePaths(value.frames, { ...origin, key }) };
    case "text":
      if (typeof value.text === "string") return { text: value.text };
      throw badItem(
        place,
        `"text" is ${JSON.stringify(value.text)}: it must be a text`,
      );
    case "endOfChunk":
      if (value.endOfChunk === true) return { endOfChunk: true };
      throw badItem(
        place,
        '"endOfChunk" must be true: leave the item out otherwise',
      );
  }
  const hint = didYouMean(key, KEYS);
  throw badItem(
    place,
    `"${key}" is unknown${hint}: known are ${KEYS.join(", ")}`,
  );
}

/** Which frames of a video are taken. */
function videoOptions(
  value: Readonly<Record<string, unknown>>,
  place: string,
): VideoOptions {
  const given = VIDEO_KEYS.filter((key) => value[key] !== undefined);
  for (const key of given) {
    const number = value[key];
    if (typeof number === "number" && number > 0 && number <= 1000) continue;
    throw badItem(
      place,
      `"${key}" is ${JSON.stringify(number)}: it must be a number over 0`,
    );
  }
  return Object.fromEntries(given.map((key) => [key, value[key]]));
}

/** Paths of a video's frames, at least one. */
async function framePaths(
  frames: unknown,
  origin: PathOrigin,
): Promise<string[]> {
  if (!Array.isArray(frames) || frames.length === 0) {
    throw badItem(
      origin.place,
      `"frames" is ${JSON.stringify(frames)}: it must be a list of paths`,
    );
  }
  const paths: string[] = [];
  for (const frame of frames) {
    paths.push(await picturePath(frame, origin));
  }
  return paths;
}
