/**
 * Finds the command, runs it, and turns errors into words and exit codes.
 *
 * @module
 */

import { didYouMean, RookeryError } from "../mod.ts";
import type {
  Command,
  CommandInput,
  Output,
  ProfileTarget,
} from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { helpOf, helpOfAll } from "./help_text.ts";
import { messageOf } from "./message_of.ts";
import { parseArguments } from "./parse_arguments.ts";

/** Runs a command line, without the program's name; gives the exit code. */
export async function runCommandLine(
  words: readonly string[],
  commands: readonly Command[],
  output: Output,
): Promise<number> {
  try {
    return await dispatch(words, commands, output);
  } catch (error) {
    output.note(`${messageOf(error)}\n`);
    const isUsage = error instanceof RookeryError && error.code === "usage";
    return isUsage ? EXIT.usage : EXIT.failed;
  }
}

async function dispatch(
  words: readonly string[],
  commands: readonly Command[],
  output: Output,
): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined) {
    output.note(helpOfAll(commands));
    return EXIT.usage;
  }
  if (name === "--help" || name === "-h") {
    output.write(helpOfAll(commands));
    return EXIT.done;
  }
  if (name === "help") return help(rest, commands, output);
  const command = find(name, commands);
  const end = rest.indexOf("--");
  const head = end < 0 ? rest : rest.slice(0, end);
  if (head.includes("--help") || head.includes("-h")) {
    output.write(helpOf(command));
    return EXIT.done;
  }
  return await runProfiled(command, parseArguments(command, rest), output);
}

/** Runs a command, with a profile of it where an option asks for one. */
async function runProfiled(
  command: Command,
  input: CommandInput,
  output: Output,
): Promise<number> {
  const [key] = Object.entries(command.options)
    .find(([, { type }]) => type === "profile") ?? [];
  const profile = input.options[key ?? ""] as ProfileTarget | undefined;
  await profile?.open();
  try {
    const code = await command.run(input, output);
    await profile?.finish(output);
    return code;
  } catch (error) {
    await profile?.abandon();
    throw error;
  }
}

function help(
  [name]: readonly string[],
  commands: readonly Command[],
  output: Output,
): number {
  output.write(
    name === undefined ? helpOfAll(commands) : helpOf(find(name, commands)),
  );
  return EXIT.done;
}

function find(name: string, commands: readonly Command[]): Command {
  const command = commands.find((command) => command.name === name);
  if (command !== undefined) return command;
  const names = [...commands.map((command) => command.name), "help"];
  throw new RookeryError(
    "usage",
    `Cannot run "${name}" as there is no such command` +
      `${didYouMean(name, names)}: known are ${names.join(", ")}`,
    { expected: names, actual: name },
  );
}
