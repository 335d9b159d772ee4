/**
 * Names of models on the Hugging Face hub, and how they are written: a config
 * entry, `owner/name@revision` on a command line, the command that brings one.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** Weights in the hub's cache, as a config names them. */
export interface HubSource {
  /** The model, `owner/name`. */
  readonly hub: string;
  /** Branch, tag or commit; left out, `main`. */
  readonly revision?: string;
  /** One file of it, e.g. `"checkpoint.pt"`; left out, its whole folder. */
  readonly file?: string;
}

/** Begins the name of a pulled model where a path could stand too. */
export const HUB_PREFIX = "hf:";

/** The branch that is meant where none is named. */
export const DEFAULT_REVISION = "main";

/** The hub allows no longer names. */
const MOST_CHARACTERS = 96;

/** Whether a text can name a model: `owner/name`, or an old `name` alone. */
export function isRepoName(text: unknown): text is string {
  return typeof text === "string" && text.length <= MOST_CHARACTERS &&
    /^(?:\w(?:[\w.-]*\w)?\/)?\w(?:[\w.-]*\w)?$/.test(text) &&
    !/--|\.\.|\.git$/.test(text);
}

/** Whether a text can name a branch, a tag or a commit. */
export function isRevision(text: unknown): text is string {
  return typeof text === "string" &&
    /^[^\s\p{Cc}~^:?*[\\/]+(?:\/[^\s\p{Cc}~^:?*[\\/]+)*$/u.test(text) &&
    !/\.\.|^-|@\{|(?:^|\/)\.|\.lock$/.test(text);
}

/** Whether a text is the full name of a commit. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Whether a path stays in the folder that it is relative to. */
export function isInnerPath(path: unknown): path is string {
  return typeof path === "string" && path !== "" &&
    !/[\\\p{Cc}]|^[A-Za-z]:/u.test(path) &&
    path.split("/").every((part) => part !== "" && !/^\.\.?$/.test(part));
}

/**
 * Takes `owner/name` or `owner/name@revision` apart.
 *
 * @throws {RookeryError} `usage` for anything else
 */
export function parseHubName(text: string): HubSource {
  const at = text.indexOf("@");
  const source = at < 0
    ? { hub: text }
    : { hub: text.slice(0, at), revision: text.slice(at + 1) };
  return checkHubSource(source);
}

/**
 * Gives a source back whose names are names: parts of a path or a URL that lead
 * elsewhere are none.
 *
 * @throws {RookeryError} `usage` for any other
 */
export function checkHubSource(source: HubSource): HubSource {
  const { hub, revision = DEFAULT_REVISION, file = "any" } = source;
  const refuse = (what: string, given: string, rule: string) =>
    new RookeryError(
      "usage",
      `Cannot use "${given}" as ${what} of the hub as it must be ${rule}`,
      { expected: rule, actual: given },
    );
  if (!isRepoName(hub)) {
    throw refuse("a model", hub, "OWNER/NAME, e.g. openai-community/gpt2");
  }
  if (!isRevision(revision)) {
    throw refuse("a revision", revision, "a branch, a tag or a commit");
  }
  if (!isInnerPath(file)) {
    throw refuse("a file", file, "a path inside the model's folder");
  }
  return source;
}

/** `owner/name`, with `@revision` where it is another than `main`. */
export function showHubName({ hub, revision }: HubSource): string {
  return revision === undefined || revision === DEFAULT_REVISION
    ? hub
    : `${hub}@${revision}`;
}

/** The command that brings it; globs are quoted for the shell. */
export function pullCommand(source: HubSource): string {
  const { file } = source;
  const include = file === undefined
    ? ""
    : ` --include ${/^[\w./-]+$/.test(file) ? file : `'${file}'`}`;
  return `deno task rookery pull ${showHubName(source)}${include}`;
}
