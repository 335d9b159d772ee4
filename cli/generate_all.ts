/**
 * Many prompts in one changing batch, results as JSON lines as they come.
 *
 * @module
 */

import {
  type Flamingo,
  PromptScheduler,
  type SamplerSettings,
} from "../mod.ts";
import type { Output } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import type { PromptLine } from "./prompts_file.ts";
import { messageOf } from "./message_of.ts";

/**
 * Runs all prompts, lines' settings over common ones; what fails is told with
 * its line, and the rest goes on. Gives the exit code.
 */
export async function generateAll(
  model: Flamingo,
  lines: readonly PromptLine[],
  common: SamplerSettings,
  output: Output,
): Promise<number> {
  const scheduler = new PromptScheduler(model);
  let failed = 0;
  const fail = ({ id, place }: PromptLine, error: unknown): void => {
    failed++;
    const message = messageOf(error);
    // Errors of a line's own words say where it stands.
    const where = message.includes(place) ? "" : `${place}: `;
    output.note(`${where}${message}\n`);
    output.write(`${JSON.stringify({ id, error: message })}\n`);
  };
  await Promise.all(lines.map(async (line) => {
    try {
      if ("error" in line) throw line.error;
      const settings = { ...common, ...line.settings };
      const { text, tokens, firstMs, totalMs } = await scheduler.submit(
        line.items,
        settings,
      ).result;
      const ms = { first: firstMs, total: totalMs };
      output.write(`${JSON.stringify({ id: line.id, text, tokens, ms })}\n`);
    } catch (error) {
      fail(line, error);
    }
  }));
  if (failed > 0) output.note(`${failed} of ${lines.length} prompts failed\n`);
  return failed > 0 ? EXIT.failed : EXIT.done;
}
