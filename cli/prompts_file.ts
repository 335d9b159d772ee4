/**
 * Many prompts from a JSON lines file: `{"prompt":[…]}` or `{"text":"…"}`, each
 * with an `id` and settings of its own.
 *
 * @module
 */

import {
  didYouMean,
  type Media,
  type PromptItem,
  RookeryError,
  type SamplerSettings,
} from "../mod.ts";
import { readItems } from "./prompt_file.ts";
import {
  asObject,
  badItem,
  parseJson,
  readTextFile,
} from "./read_json_lines.ts";

/** A prompt of the file, or why it is none. */
export type PromptLine =
  & {
    /** Its `id`, else the number of its line. */
    readonly id: string | number;
    /** `FILE:LINE`. */
    readonly place: string;
  }
  & (
    | {
      /** The prompt. */
      readonly items: readonly PromptItem<Media>[];
      /** Settings that the line names. */
      readonly settings: SamplerSettings;
    }
    | {
      /** What is wrong with the line. */
      readonly error: unknown;
    }
  );

/** Settings that a line may name: numbers, and lists of stop strings. */
const SETTINGS = [
  "maxTokens",
  "temperature",
  "topK",
  "topP",
  "minP",
  "repetitionPenalty",
  "frequencyPenalty",
  "presencePenalty",
  "seed",
  "topLogprobs",
  "stopStrings",
] as const satisfies readonly (keyof SamplerSettings)[];

/** All lines of a file that are not empty; a bad line does not hide others. */
export async function readPrompts(path: string): Promise<PromptLine[]> {
  const text = await readTextFile(path);
  const lines: PromptLine[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    lines.push(await readLine(line, i + 1, path));
  }
  if (lines.length > 0) return lines;
  throw new RookeryError(
    "prompt",
    `Cannot generate from ${path} as it has no lines: write one ` +
      '{"text":"…"} or {"prompt":[…]} a line',
    { path },
  );
}

async function readLine(
  line: string,
  number: number,
  path: string,
): Promise<PromptLine> {
  const place = `${path}:${number}`;
  let id: string | number = number;
  try {
    const value = asObject(parseJson(line, place), place);
    if (typeof value.id === "string" || typeof value.id === "number") {
      id = value.id;
    }
    const { id: _, text, prompt, ...settings } = value;
    if ((typeof text === "string") === Array.isArray(prompt)) {
      throw badItem(place, 'it must have either "text" or a list "prompt"');
    }
    checkKeys(settings, place);
    const { stopStrings = [] } = settings as { stopStrings?: unknown };
    if (!Array.isArray(stopStrings)) {
      throw badItem(place, '"stopStrings" must be a list of texts');
    }
    const items = typeof text === "string"
      ? [{ text }]
      : await readItems(prompt, path, place);
    return { id, place, items, settings };
  } catch (error) {
    return { id, place, error };
  }
}

function checkKeys(settings: object, place: string): void {
  for (const key of Object.keys(settings)) {
    if ((SETTINGS as readonly string[]).includes(key)) continue;
    throw badItem(
      place,
      `"${key}" is unknown${didYouMean(key, SETTINGS)}: known are id, text, ` +
        `prompt, ${SETTINGS.join(", ")}`,
    );
  }
}
