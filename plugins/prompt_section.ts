/**
 * The section `prompt` of a config, and the style that it stands for; a file
 * of a style holds the same section alone.
 *
 * @module
 */

import {
  openingOf,
  type PromptStyle,
  TASK_NAMES,
  type TaskName,
} from "../models/flamingo/prompt_style.ts";
import { PROMPT_STYLES } from "../models/flamingo/prompt_styles.ts";
import { RookeryError } from "../core/errors.ts";
import type { PromptSection } from "./config.ts";
import { Misfits } from "./misfits.ts";
import { didYouMean } from "./nearest_name.ts";
import {
  listOf,
  objectOf,
  oneOf,
  optional,
  type Schema,
  text,
} from "./schema.ts";

/** Schema of the section. */
export function promptSection(): Schema<PromptSection> {
  return objectOf({
    style: optional(oneOf(...Object.keys(PROMPT_STYLES))),
    caption: optional(text()),
    answer: optional(text()),
    classify: optional(text()),
    memes: optional(text()),
    actions: optional(text()),
    stop: optional(listOf(text())),
  });
}

/** Tasks that take another's texts where they have none, and whose. */
const FOLLOWS: Readonly<Partial<Record<TaskName, TaskName>>> = {
  classify: "caption",
  actions: "caption",
  memes: "answer",
};

/**
 * The style of a section: that of its name, with its own templates. A task
 * whose template follows another's does so where only that one is given.
 */
export function styleOf(section: PromptSection, name?: string): PromptStyle {
  const base = PROMPT_STYLES[section.style ?? "plain"]!;
  const changed = TASK_NAMES.filter((task) => section[task] !== undefined);
  if (changed.length === 0) return base;
  const style: { -readonly [K in keyof PromptStyle]: PromptStyle[K] } = {
    ...base,
    name: name ?? "own",
  };
  for (const task of TASK_NAMES) {
    const followed = FOLLOWS[task];
    const template = section[task];
    if (template !== undefined) {
      const own = base[task] ?? base[followed ?? task]!;
      style[task] = { ...own, template };
    } else if (followed && changed.includes(followed)) delete style[task];
  }
  for (const task of TASK_NAMES) openingOf(style, task);
  return style;
}

/**
 * A style by its name, or from a JSON file with the keys of a config's section
 * `prompt`.
 *
 * @throws {RookeryError} `usage` for an unknown name, `config` for a file that
 * is no style
 */
export async function readPromptStyle(source: string): Promise<PromptStyle> {
  if (Object.hasOwn(PROMPT_STYLES, source)) return PROMPT_STYLES[source]!;
  const names = Object.keys(PROMPT_STYLES);
  if (!source.endsWith(".json")) {
    throw new RookeryError(
      "usage",
      `Cannot use prompt style "${source}" as there is none of that name` +
        `${didYouMean(source, names)}: known are ${
          names.join(", ")
        }, or name ` +
        "a .json file",
      { expected: names, actual: source },
    );
  }
  const misfits = new Misfits();
  const json = await misfits.attempt(source, () => readJson(source));
  const section = json === undefined
    ? undefined
    : promptSection().check(json, "", misfits);
  misfits.throwIfAny("config", `use prompt style ${source}`);
  return styleOf(section!, source);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RookeryError(
      "config",
      `Cannot read ${path} as ${reason}: check the path and its JSON`,
      { path, cause },
    );
  }
}
