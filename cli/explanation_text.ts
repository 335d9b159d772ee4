/**
 * Explanations in results and on a terminal.
 *
 * @module
 */

import type { Explanation, ReportExplanation } from "../mod.ts";
import { alignRows } from "./table.ts";

/** Runners-up of a word on a terminal. */
const MOST_OTHERS = 3;

/** An explanation as it is kept in results: by words, numbers rounded. */
export function explanationJson(
  { words, gates }: Explanation,
): ReportExplanation {
  const kept = { words: words.map(({ tokens: _, ...word }) => word), gates };
  return JSON.parse(JSON.stringify(kept, (_, value) => {
    if (typeof value !== "number" || Number.isInteger(value)) return value;
    return Number(value.toPrecision(4));
  }));
}

/** A line a word: its chance, the runners-up, what the picture adds. */
export function explanationText({ words }: ReportExplanation): string {
  const rows = words.map((
    { text, chance, runnersUp, grounding, isSupported },
  ) => [
    `  ${text.replaceAll(/\s/g, "␣")}`,
    `${(100 * chance).toFixed(1)} %`,
    runnersUp.slice(0, MOST_OTHERS)
      .map((other) => other.text.trim().replaceAll(/\s/g, "␣") || "␣").join(
        ", ",
      ),
    grounding === undefined
      ? ""
      : `picture ${grounding.overBlank.toFixed(1)} nats` +
        (isSupported === false ? ", not supported" : ""),
  ]);
  return `${alignRows(rows, { right: [1] }).join("\n")}\n`;
}
