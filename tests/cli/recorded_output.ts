/**
 * An output that keeps what a command writes.
 *
 * @module
 */

import type { Output } from "../../cli/command.ts";
import { COMMANDS } from "../../cli/main.ts";
import { runCommandLine } from "../../cli/run_command_line.ts";

/** What a command line did. */
export interface Ran {
  /** Exit code. */
  readonly code: number;
  /** What went to stdout. */
  readonly out: string;
  /** What went to stderr. */
  readonly notes: string;
}

/** Collects texts. */
export function recordOutput(): Output & { out: string; notes: string } {
  const recorded = {
    out: "",
    notes: "",
    write(text: string): void {
      recorded.out += text;
    },
    note(text: string): void {
      recorded.notes += text;
    },
  };
  return recorded;
}

/** Runs a command line of the program in this process. */
export async function rookery(...words: string[]): Promise<Ran> {
  const output = recordOutput();
  const code = await runCommandLine(words, COMMANDS, output);
  return { code, out: output.out, notes: output.notes };
}
