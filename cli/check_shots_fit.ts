/**
 * Refuses more shots than a model's context holds, before any is read.
 *
 * @module
 */

import { encodePrompt, type Flamingo, type Shot, shotItems } from "../mod.ts";
import { badItem } from "./read_json_lines.ts";
import { readShotLines } from "./shots_file.ts";

/**
 * Checks the shots of a file.
 *
 * @throws {RookeryError} `prompt` that names the line of the first shot without
 * room, and says how many fit
 */
export async function checkShotsFit(
  model: Flamingo,
  shots: readonly Shot[],
  path: string | undefined,
): Promise<void> {
  if (path === undefined) return;
  const { tokenizer, marks, style, engine } = model;
  // One token at least is left for a query.
  const room = engine.context - 1;
  let tokens = 0;
  for (const [i, shot] of shots.entries()) {
    const items = shotItems(style, [shot]);
    tokens += encodePrompt(items, tokenizer, marks).tokens.length;
    if (tokens < room) continue;
    const { place } = (await readShotLines(path))[i]!;
    throw badItem(
      place,
      `the shots up to it take ${tokens} tokens and the model's context holds ` +
        `${engine.context}: use the first ${i} of ${shots.length} shots, or fewer`,
    );
  }
}
