/**
 * `deno task rookery COMMAND …`: the library at a shell.
 *
 * @module
 */

import { answerCommand } from "./answer.ts";
import { captionCommand } from "./caption.ts";
import { chatCommand } from "./chat.ts";
import { classifyCommand } from "./classify.ts";
import type { Command } from "./command.ts";
import { compareCommand } from "./compare.ts";
import { CONSOLE, quietDrivers } from "./console.ts";
import { demoCommand } from "./demo.ts";
import { devicesCommand } from "./devices.ts";
import { evalCommand } from "./eval.ts";
import { generateCommand } from "./generate.ts";
import { graphCommand } from "./graph.ts";
import { inspectCommand } from "./inspect.ts";
import { logitsCommand } from "./logits.ts";
import { planCommand } from "./plan.ts";
import { pullCommand } from "./pull.ts";
import { quantizeCommand } from "./quantize.ts";
import { runCommandLine } from "./run_command_line.ts";

/** All commands, in the order of the help page. */
export const COMMANDS: readonly Command[] = [
  captionCommand,
  answerCommand,
  classifyCommand,
  chatCommand,
  compareCommand,
  generateCommand,
  logitsCommand,
  inspectCommand,
  planCommand,
  graphCommand,
  quantizeCommand,
  pullCommand,
  devicesCommand,
  evalCommand,
  demoCommand,
];

if (import.meta.main) {
  quietDrivers();
  Deno.exit(await runCommandLine(Deno.args, COMMANDS, CONSOLE));
}
