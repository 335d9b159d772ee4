/**
 * `deno task rookery COMMAND …`: the library at a shell.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { answerCommand } from "./answer.ts";
import { captionCommand } from "./caption.ts";
import { classifyCommand } from "./classify.ts";
import type { Command, Output } from "./command.ts";
import { devicesCommand } from "./devices.ts";
import { generateCommand } from "./generate.ts";
import { inspectCommand } from "./inspect.ts";
import { logitsCommand } from "./logits.ts";
import { runCommandLine } from "./run_command_line.ts";

/** All commands, in the order of the help page. */
export const COMMANDS: readonly Command[] = [
  captionCommand,
  answerCommand,
  classifyCommand,
  generateCommand,
  logitsCommand,
  inspectCommand,
  devicesCommand,
];

/** Results to stdout, all else to stderr; a closed pipe ends the program. */
export const CONSOLE: Output = {
  write: (text) => writeAll(Deno.stdout, text),
  note: (text) => writeAll(Deno.stderr, text),
};

function writeAll(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) {
      at += stream.writeSync(bytes.subarray(at));
    }
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(1);
    throw error;
  }
}

/** Drivers complain on stderr where this variable names no folder. */
export function quietDrivers(): void {
  const name = "XDG_RUNTIME_DIR";
  if (Deno.build.os === "linux" && !Deno.env.get(name)) {
    Deno.env.set(name, tmpdir());
  }
}

if (import.meta.main) {
  quietDrivers();
  Deno.exit(await runCommandLine(Deno.args, COMMANDS, CONSOLE));
}
