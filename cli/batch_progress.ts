/**
 * How far a batch is: a bar on a terminal, nothing elsewhere.
 *
 * @module
 */

import type { Output } from "./command.ts";

/** A bar that is drawn over. */
export interface BatchProgress {
  /** Takes the bar away, for a line of text. */
  clear(): void;
  /** One more is done; draws the bar. */
  step(): void;
}

const BAR_CHARACTERS = 24;

/**
 * A bar for `count` pieces of work. It is drawn where notes go to a terminal,
 * and where results do not go there as well, unless `isAlone`.
 */
export function batchProgress(
  count: number,
  output: Output,
  isAlone: boolean,
  terminal: { readonly isTerminal: boolean; readonly now: () => number } = {
    isTerminal: Deno.stderr.isTerminal() &&
      (isAlone || !Deno.stdout.isTerminal()),
    now: () => performance.now(),
  },
): BatchProgress {
  if (!terminal.isTerminal || count < 2) return { clear() {}, step() {} };
  const begin = terminal.now();
  let done = 0, isDrawn = false;
  return {
    clear(): void {
      if (isDrawn) output.note("\r\x1b[K");
      isDrawn = false;
    },
    step(): void {
      done++;
      const full = Math.round(done / count * BAR_CHARACTERS);
      const bar = "#".repeat(full) + ".".repeat(BAR_CHARACTERS - full);
      const seconds = (terminal.now() - begin) / 1000 / done * (count - done);
      const left = `${Math.ceil(seconds)} s left`;
      output.note(`\r\x1b[K[${bar}] ${done} of ${count}, ${left}`);
      isDrawn = true;
    },
  };
}
