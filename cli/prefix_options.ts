/**
 * Options of prompts whose beginning comes from a file, or goes to one.
 *
 * @module
 */

import {
  type Flamingo,
  type Media,
  openPrefix,
  type Prefix,
  type PromptItem,
  RookeryError,
  savePrefix,
  type Shot,
  shotItems,
  type ShotItemsOptions,
} from "../mod.ts";
import type { Options, OptionValues } from "./command.ts";

/** Options of commands that run prompts. */
export const PREFIX_OPTIONS = {
  prefix: {
    type: "text",
    value: "FILE",
    help: "Go on from a prefix that --save-prefix wrote",
  },
  savePrefix: {
    type: "text",
    value: "FILE",
    help: "Save what the prompt begins with, for --prefix",
  },
} as const satisfies Options;

type PrefixValues = OptionValues<typeof PREFIX_OPTIONS>;

/** What is known before a model is open. */
export interface PrefixRequest {
  /** The options. */
  readonly options: PrefixValues;
  /** The examples that were named. */
  readonly shots: readonly Shot[];
  /** How they are written, where it is not what they say. */
  readonly how?: ShotItemsOptions;
}

/** Refuses options that contradict each other. */
export function checkPrefixOptions(
  { options: { prefix, savePrefix: saved }, shots }: PrefixRequest,
  hasItems: boolean = false,
): void {
  const reason = prefix !== undefined && saved !== undefined
    ? "both --prefix and --save-prefix are given: use one of them"
    : prefix !== undefined && shots.length > 0
    ? "--prefix and --shots are both given: a prefix has its shots in it"
    : saved !== undefined && shots.length === 0 && !hasItems
    ? "there is nothing to save: name examples with --shots"
    : undefined;
  if (reason === undefined) return;
  throw new RookeryError("usage", `Cannot use a prefix as ${reason}`);
}

/**
 * The prefix that prompts go on from: that of `--prefix`, or the examples, read
 * and saved for `--save-prefix`; undefined where neither is given.
 */
export async function openedPrefix(
  model: Flamingo,
  { options: { prefix, savePrefix: path }, shots, how }: PrefixRequest,
  items: readonly PromptItem<Media>[] = [],
): Promise<Prefix | undefined> {
  if (prefix !== undefined) return await openPrefix(model, prefix);
  if (path === undefined) return undefined;
  const read = await model.prefix([
    ...shotItems(model.style, shots, how),
    ...items,
  ]);
  try {
    await savePrefix(model, read, path);
    return read;
  } catch (error) {
    read[Symbol.dispose]();
    throw error;
  }
}
