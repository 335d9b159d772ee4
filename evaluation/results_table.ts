/**
 * Results as a table, and the document that holds it.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";
import type { ResultRow } from "./result_row.ts";

const BEGIN = "<!-- table: written by deno task rookery eval bridge -->";
const END = "<!-- end of table -->";

const HEADS = [
  "test",
  "Rookery [95 %]",
  "n",
  "at least",
  "stretch",
  "most frequent",
  "shuffled",
  "nearest neighbour",
];

/** Rows as a Markdown table; figures in percent. */
export function markdownTable(rows: readonly ResultRow[]): string {
  const lines = rows.map((row) => {
    const { mean, low, high, n } = row.result;
    const range = `${signed(low)}, ${signed(high)}`;
    const cells = [
      row.test,
      `${signed(mean)} [${range}]`,
      `${n}`,
      row.atLeast ?? "",
      row.stretch ?? "",
      figure(row.mostFrequent),
      figure(row.shuffled),
      figure(row.nearest),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const rule = `|${HEADS.map((_, i) => i > 1 ? "---:" : "---").join("|")}|`;
  return [`| ${HEADS.join(" | ")} |`, rule, ...lines, ""].join("\n");
}

/** Puts text between the marks of a document; the rest stays. */
export async function writeResults(path: URL, text: string): Promise<void> {
  const document = await Deno.readTextFile(path);
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new RookeryError(
      "file",
      `Cannot write results into ${path.pathname} as it lacks the lines ` +
        `"${BEGIN}" and "${END}": put them where the table goes`,
      { path: path.pathname },
    );
  }
  const head = document.slice(0, begin + BEGIN.length);
  await Deno.writeTextFile(
    path,
    `${head}\n\n${text}\n${document.slice(end)}`,
  );
}

function figure(value: number | undefined): string {
  return value === undefined ? "–" : signed(value);
}

function signed(value: number): string {
  const text = value.toFixed(1);
  return text === "-0.0" ? "0.0" : text.replace("-", "−");
}
