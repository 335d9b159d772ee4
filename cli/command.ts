/**
 * What a command is: a definition from which parsing, help and errors come.
 *
 * @module
 */

import type { Device } from "../mod.ts";

/** Where a profile of a command's device goes. */
export interface ProfileTarget {
  /** Makes sure, before the command begins, that it can be written. */
  open(): Promise<void>;
  /** Is told of the device once it is open. */
  watch(device: Device): Promise<void>;
  /** Writes it when the command is done. */
  finish(output: Output): Promise<void>;
  /** Cleans up after a command that failed. */
  abandon(): Promise<void>;
}

/** What an option's value can be. */
export interface OptionTypes {
  /** Any text. */
  readonly text: string;
  /** A number. */
  readonly number: number;
  /** A whole number. */
  readonly integer: number;
  /** Bytes, written as `512MiB` or `2GiB`. */
  readonly size: number;
  /** Texts: the option may be given several times. */
  readonly texts: readonly string[];
  /** Given or not. */
  readonly flag: boolean;
  /** A file for a profile, opened and written around the command. */
  readonly profile: ProfileTarget;
}

/** One option; its key in camelCase becomes `--its-key` at the shell. */
export interface Option<T extends keyof OptionTypes = keyof OptionTypes> {
  /** What its value is. */
  readonly type: T;
  /** Name of the value in help, e.g. `FILE`. */
  readonly value?: string;
  /** One sentence for help. */
  readonly help: string;
  /** Another name of it, in kebab case; either is given, not both. */
  readonly alias?: string;
  /** Texts that are allowed; any if left out. */
  readonly choices?: readonly string[];
  /** Value where the option is not given. */
  readonly default?: OptionTypes[T];
  /** Whether it is an error to leave it out. */
  readonly isRequired?: boolean;
}

/** Options by key. */
export type Options = Readonly<Record<string, Option>>;

/** Values of options: undefined where not given and without a default. */
export type OptionValues<O extends Options> = {
  readonly [K in keyof O]:
    | OptionTypes[O[K]["type"]]
    | (O[K] extends { default: unknown } | { isRequired: true } | {
      type: "flag" | "texts";
    } ? never
      : undefined);
};

/** What stands on the command line without `--`. */
export interface Positional {
  /** Name in help and errors, e.g. `IMAGE`. */
  readonly name: string;
  /** One sentence for help. */
  readonly help: string;
  /** Whether there may be several; there must always be one. */
  readonly isList?: boolean;
  /** How many there must be, where that is neither one nor a list. */
  readonly count?: number;
}

/** Where a command's words go. */
export interface Output {
  /** A result; nothing else goes to stdout. */
  write(text: string): void;
  /** A note, a warning or an error. */
  note(text: string): void;
}

/** A parsed command line. */
export interface CommandInput<O extends Options = Options> {
  /** What was given without `--`. */
  readonly positionals: readonly string[];
  /** Values of options. */
  readonly options: OptionValues<O>;
}

/** Definition of a command. */
export interface CommandDefinition<O extends Options> {
  /** Name at the shell. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What it takes without `--`, at most one kind. */
  readonly positional?: Positional;
  /** Its options. */
  readonly options: O;
  /** Command lines for help, without `deno task rookery`. */
  readonly examples: readonly string[];
  /** Does the work; gives the exit code: 0, or 1 if something failed. */
  run(input: CommandInput<O>, output: Output): Promise<number>;
}

/** A command of any options. */
export type Command = CommandDefinition<Options>;

/** Makes a command of its definition; carries the options' types. */
export function defineCommand<const O extends Options>(
  definition: CommandDefinition<O>,
): Command {
  return Object.freeze(definition) as unknown as Command;
}

/** `maxTokens` → `max-tokens`. */
export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
