/**
 * A comparison of methods as a page.
 *
 * @module
 */

import type { Estimate } from "../mod.ts";
import type {
  ComparedRow,
  MethodComparison,
  Report,
  ReportAnswer,
  Shot,
} from "../mod.ts";

type Row = ComparedRow & { readonly accuracy: Estimate };

/**
 * Right answers by labels for each method, and every query with the answers
 * that the methods gave with most labels.
 */
export function comparedReport(
  { queries, truth }: MethodComparison,
  rows: readonly Row[],
  { pool, facts }: { readonly pool: readonly Shot[]; readonly facts: string },
): Report {
  const methods = [...Map.groupBy(rows, ({ method }) => method)];
  const last = methods.map(([, own]) => own.at(-1)!);
  const best = last.reduce((a, b) => b.accuracy.mean > a.accuracy.mean ? b : a);
  return {
    title: "rookery compare",
    lead: [
      `${queries.length} pictures; with ${best.labels} labels ` +
      `${best.method} is right most often: ${share(best.accuracy.mean)}`,
    ],
    facts,
    plots: [{
      title: "Right answers by labels",
      xName: "labels",
      yName: "right answers",
      curves: methods.map(([name, own]) => ({
        name,
        points: own.map(({ labels, accuracy }) => ({ x: labels, ...accuracy })),
      })),
    }],
    confusion: { truth, predictions: best.predictions },
    sections: [{
      title: "Pictures",
      note: `answers with ${best.labels} labels`,
      rows: queries.map((place, i) => ({
        image: pool[place]!.image,
        label: truth[i]!,
        answers: last.map((row) => answerOf(row, i)),
      })),
    }],
  };
}

function answerOf(
  { method, predictions, right }: Row,
  i: number,
): ReportAnswer {
  return { name: method, text: predictions[i]!, isRight: right[i] === 1 };
}

function share(mean: number): string {
  return `${(100 * mean).toFixed(0)} %`;
}
