/**
 * What orders of examples changed, in words.
 *
 * @module
 */

import type { OrderReport } from "../mod.ts";
import { alignRows } from "./table.ts";

/** Lines below an answer: agreement, answers, spread of each score. */
export function orderText(
  { orders, agreement, answers, spread }: OrderReport,
): string {
  const said = answers.map(({ text, count }) => `${oneLine(text)} ${count}×`);
  const rows = Object.entries(spread).map(([name, each]) => [
    `  ${name}`,
    ...[each.mean, each.deviation, each.low, each.high]
      .map((value) => value.toFixed(3)),
  ]);
  const head = ["  score", "mean", "deviation", "low", "high"];
  return [
    `  ${orders} orders agree ${(100 * agreement).toFixed(0)} %: ` +
    said.join(", "),
    ...alignRows([head, ...rows], { right: [1, 2, 3, 4] }),
    "",
  ].join("\n");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
