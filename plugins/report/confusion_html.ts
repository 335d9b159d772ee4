/**
 * Which labels were taken for which.
 *
 * @module
 */

import { type Html, markup } from "./html.ts";
import type { ReportConfusion } from "./report.ts";

/** Labels of a matrix that can still be read. */
const MOST_LABELS = 24;

/** Confusions of a list, where there are too many labels for a matrix. */
const MOST_PAIRS = 20;

/** A matrix with a row a right label, or for many labels a list. */
export function confusionHtml(
  { truth, predictions }: ReportConfusion,
): Html {
  const counts = new Map<string, Map<string, number>>();
  truth.forEach((label, i) => {
    const row = counts.get(label) ?? new Map<string, number>();
    const said = predictions[i]!;
    row.set(said, (row.get(said) ?? 0) + 1);
    counts.set(label, row);
  });
  const right = truth.filter((label, i) => label === predictions[i]).length;
  const known = [...counts.keys()].sort();
  const others = [...new Set(predictions)].filter((said) => !counts.has(said))
    .sort();
  const labels = [...known, ...others];
  const body = labels.length <= MOST_LABELS
    ? matrix(known, labels, counts)
    : confusions(counts);
  return markup`
    <h2>Confusion matrix</h2>
    <p
      class="faint">${right} of ${truth.length} right; rows are right labels, columns what was said.</p>
    ${body}
  `;
}

type Counts = ReadonlyMap<string, ReadonlyMap<string, number>>;

function matrix(
  rows: readonly string[],
  columns: readonly string[],
  counts: Counts,
): Html {
  const heads = columns.map((label) =>
    markup`<th scope="col"><span>${label}</span></th>`
  );
  const body = rows.map((label) => {
    const row = counts.get(label)!;
    const total = [...row.values()].reduce((sum, count) => sum + count, 0);
    const cells = columns.map((said) => {
      const count = row.get(said) ?? 0;
      const kind = label === said ? "hit" : "miss";
      const share = Math.round(100 * count / total);
      return count === 0
        ? markup`<td></td>`
        : markup`<td class="${kind}" style="--share:${share}%">${count}</td>`;
    });
    return markup`<tr><th scope="row">${label}</th>${cells}</tr>\n`;
  });
  return markup`
    <div class="wide">
      <table class="confusion">
        <thead>
          <tr><th></th>${heads}</tr>
        </thead>
        <tbody>
    ${body}</tbody>
      </table>
    </div>
  `;
}

function confusions(counts: Counts): Html {
  const pairs = [...counts].flatMap(([label, row]) =>
    [...row].filter(([said]) => said !== label)
      .map(([said, count]) => ({ label, said, count }))
  ).sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
  const rows = pairs.slice(0, MOST_PAIRS).map(({ label, said, count }) =>
    markup`
      <tr>
        <td>${label}</td>
        <td>${said}</td>
        <td>${count}</td>
      </tr>\n
    `
  );
  return markup`
    <table>
      <thead>
        <tr>
          <th>label</th>
          <th>said</th>
          <th>times</th>
        </tr>
      </thead>
      <tbody>
    ${rows}</tbody>
    </table>
  `;
}
