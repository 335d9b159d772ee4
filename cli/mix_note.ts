/**
 * How two opinions on labels were mixed, in words.
 *
 * @module
 */

import type { ChosenMix } from "../mod.ts";

/** A line about a mix; `what` is mixed with prototypes. */
export function mixNote(
  { accuracy, weight, scale, cases }: ChosenMix,
  what: "prompts" | "texts",
): string {
  const share = (value: number) => `${(100 * value).toFixed(0)} %`;
  return `Of ${cases} examples left out, ${what} get ` +
    `${share(accuracy.prompt)} right, prototypes ` +
    `${share(accuracy.prototypes)}, both ${share(accuracy.both)}: prototypes ` +
    `count ${share(weight)}, cosines times ${scale}\n`;
}
