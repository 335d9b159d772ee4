/**
 * Several texts as a command writes them.
 *
 * @module
 */

import type { WrittenText } from "../mod.ts";

/** What stands beside the texts. */
export interface ManyTextOptions {
  /** What begins each line. Default nothing. */
  readonly name?: string;
  /** What was asked, for JSON. */
  readonly query: object;
  /** Whether one JSON object is written. */
  readonly json: boolean;
}

/** A line a text, or one JSON object with the best first. */
export function manyText(
  texts: readonly WrittenText[],
  { name = "", query, json }: ManyTextOptions,
): string {
  const trimmed = texts.map((each) => ({ ...each, text: each.text.trim() }));
  if (json) {
    const text = trimmed[0]?.text ?? "";
    return `${JSON.stringify({ ...query, text, texts: trimmed })}\n`;
  }
  return trimmed.map(({ text }) => `${name}${oneLine(text)}\n`).join("");
}

/** Text with its line breaks as spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}
