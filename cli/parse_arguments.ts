/**
 * From words on a command line to a command's typed values.
 *
 * @module
 */

import { didYouMean, RookeryError } from "../mod.ts";
import {
  type Command,
  type CommandInput,
  type Option,
  optionName,
  type Options,
  type OptionTypes,
} from "./command.ts";
import { ProfileFile } from "./profile_file.ts";

/** A value of some option. */
type Value = OptionTypes[keyof OptionTypes];

/**
 * Reads the words after a command's name. `--` ends the options;
 * `--name=value` and `--name value` are the same.
 *
 * Throws a `usage` error that names the word and what is known.
 */
export function parseArguments(
  command: Command,
  words: readonly string[],
): CommandInput {
  const positionals: string[] = [];
  const given = new Map<string, Value>();
  const queue = [...words];
  while (queue.length > 0) {
    const word = queue.shift()!;
    if (word === "--") positionals.push(...queue.splice(0));
    else if (/^--./.test(word)) takeOption(command, word, queue, given);
    else if (/^-[a-z]/i.test(word)) throw unknownOption(command, word);
    else positionals.push(word);
  }
  checkPositionals(command, positionals);
  const options = Object.fromEntries(
    Object.entries(command.options).map(([key, option]) => [
      key,
      given.get(key) ?? option.default ?? emptyValue(command, key, option),
    ]),
  );
  return { positionals, options };
}

function takeOption(
  { name: commandName, options }: Command,
  word: string,
  queue: string[],
  given: Map<string, Value>,
): void {
  const [, name = "", inline] = /^--([^=]*)(?:=(.*))?$/s.exec(word)!;
  const key = Object.keys(options).find((key) =>
    [optionName(key), options[key]!.alias].includes(name)
  );
  if (key === undefined) {
    throw unknownOption({ name: commandName, options }, word);
  }
  const option = options[key]!;
  if (option.type === "flag") {
    if (inline !== undefined) throw badValue(name, inline, "no value");
    given.set(key, true);
    return;
  }
  // A word that looks like an option is one: a value was forgotten.
  const isMissing = inline === undefined && /^--./.test(queue[0] ?? "--?");
  if (isMissing) {
    throw usage(
      `Cannot use --${name} without a value: write --${name} ` +
        `${option.value ?? "VALUE"}, or --${name}=… where it begins with --`,
    );
  }
  const value = inline ?? queue.shift()!;
  const read = readValue(name, option, value);
  if (option.type === "texts") {
    given.set(key, [...given.get(key) as string[] ?? [], value]);
  } else if (given.has(key)) {
    const { alias } = option;
    const also = alias === undefined
      ? ""
      : ` (--${optionName(key)} and --${alias} are one option)`;
    throw usage(`Cannot use --${name} twice: give it once${also}`);
  } else given.set(key, read);
}

function readValue(name: string, option: Option, text: string): Value {
  const { type, choices } = option;
  if (choices !== undefined && !choices.includes(text)) {
    const rule = `one of ${choices.join(", ")}${didYouMean(text, choices)}`;
    throw badValue(name, text, rule);
  }
  if (type === "number" || type === "integer") {
    const value = text.trim() === "" ? NaN : Number(text);
    const isRight = type === "integer"
      ? Number.isSafeInteger(value)
      : Number.isFinite(value);
    if (isRight) return value;
    throw badValue(
      name,
      text,
      type === "integer" ? "a whole number" : "a number",
    );
  }
  if (type === "profile") return new ProfileFile(text);
  return type === "size" ? readSize(name, text) : text;
}

const UNITS = ["", "KiB", "MiB", "GiB", "TiB"] as const;

function readSize(name: string, text: string): number {
  const [, count = "", unit = ""] = /^([\d.]+) ?([KMGT]iB)?$/.exec(text) ?? [];
  const bytes = Number(count) * 2 ** (10 * UNITS.indexOf(unit as "GiB"));
  if (count !== "" && bytes >= 1) return Math.floor(bytes);
  throw badValue(
    name,
    text,
    "bytes with or without KiB, MiB or GiB, e.g. 2GiB",
  );
}

function emptyValue(
  command: Command,
  key: string,
  { type, isRequired, value = "VALUE" }: Option,
): Value | undefined {
  if (isRequired) {
    const name = optionName(key);
    throw usage(
      `Cannot run ${command.name} without --${name}: add --${name} ${value}`,
    );
  }
  return type === "flag" ? false : type === "texts" ? [] : undefined;
}

function checkPositionals(
  { name, positional }: Command,
  words: readonly string[],
): void {
  const { count } = positional ?? {};
  if (count !== undefined && words.length !== count) {
    throw usage(
      `Cannot run ${name} with ${words.length} of ${positional!.name}: ` +
        `${count} are needed, ${positional!.help}`,
    );
  }
  if (count !== undefined) return;
  if (positional === undefined) {
    if (words.length === 0) return;
    throw usage(
      `Cannot use "${words[0]}" as ${name} takes options only: see ` +
        `rookery ${name} --help`,
    );
  }
  if (words.length === 0) {
    throw usage(
      `Cannot run ${name} without ${positional.name}: ${positional.help}`,
    );
  }
  if (words.length > 1 && !positional.isList) {
    throw usage(
      `Cannot use "${words[1]}" as ${name} takes one ${positional.name}: ` +
        `quote a name that has spaces`,
    );
  }
}

function unknownOption(
  { name, options }: { readonly name: string; readonly options: Options },
  word: string,
): RookeryError {
  const plain = word.replace(/^-+/, "").replace(/=.*$/s, "");
  const known = [
    ...Object.keys(options).map(optionName),
    ...Object.values(options).flatMap(({ alias }) => alias ?? []),
    "help",
  ];
  const nearest = didYouMean(plain, known).replaceAll(/"(.*)"/g, "--$1");
  const bare = word.replace(/=.*$/s, "");
  return usage(
    `Cannot use ${bare} as ${name} has no such option${nearest}: see ` +
      `rookery ${name} --help`,
  );
}

function badValue(name: string, value: string, rule: string): RookeryError {
  return usage(`Cannot use --${name} "${value}": it must be ${rule}`);
}

function usage(message: string): RookeryError {
  return new RookeryError("usage", message);
}
