/**
 * What a comparison of methods found, in words.
 *
 * @module
 */

import { type Estimate, estimateMean } from "../mod.ts";
import type { ComparedRow, MethodComparison } from "../mod.ts";
import { alignRows } from "./table.ts";

/** A row with its accuracy. */
export interface JudgedRow extends ComparedRow {
  /** Share of right answers, with its interval. */
  readonly accuracy: Estimate;
}

/** What is better with so many labels. */
export interface Verdict {
  /** Labels of both. */
  readonly labels: number;
  /** Which is better. */
  readonly better: "prompt" | "head" | "no clear difference";
  /** Accuracy of prompts minus that of heads, on the same queries. */
  readonly difference: Estimate;
}

/**
 * Prompt against head, query by query; one is better where the interval of
 * their difference leaves 0 out.
 */
export function verdictsOf(rows: readonly ComparedRow[]): Verdict[] {
  return rows.filter(({ method }) => method === "prompt").map((prompt) => {
    const head = rows.find(({ method, labels }) =>
      method === "head" && labels === prompt.labels
    )!;
    const difference = estimateMean(
      prompt.right.map((right, i) => right - head.right[i]!),
    );
    const better = difference.low > 0
      ? "prompt"
      : difference.high < 0
      ? "head"
      : "no clear difference";
    return { labels: prompt.labels, better, difference };
  });
}

/** The table of a comparison, and what it says. */
export function comparedText(
  { queries, classes, training }: MethodComparison,
  rows: readonly JudgedRow[],
): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)}`;
  const table = rows.map((row) => [
    `${row.labels}`,
    row.method,
    `${percent(row.accuracy.mean)} %`,
    `${percent(row.accuracy.low)}–${percent(row.accuracy.high)}`,
    row.prepareSeconds.toFixed(2),
    (1000 * row.querySeconds).toFixed(0),
    row.queryTokens === 0 ? "" : row.queryTokens.toFixed(0),
  ]);
  const head = [
    ...["labels", "method", "right", "95 %", "learning s", "query ms"],
    "tokens",
  ];
  const verdicts = verdictsOf(rows).map(({ labels, better }) =>
    `With ${labels} labels: ` +
    (better === "prompt"
      ? "prompting is better"
      : better === "head"
      ? "training a head is better"
      : "no clear difference between prompting and a trained head")
  );
  return [
    `${queries.length} pictures of ${classes.length} classes, ` +
    `${training.length} others to learn from`,
    ...alignRows([head, ...table], { right: [0, 2, 3, 4, 5, 6] }),
    ...verdicts,
    "",
  ].join("\n");
}
