/**
 * Compared rows as a table for people and as one chart.
 *
 * @module
 */

import { element, INK, svgPicture, TONES, words } from "../../cli/svg.ts";
import type { CompareRow } from "./compare_workload.ts";
import { classRatios, type TargetResult } from "./targets.ts";

/** One row: ours, the ratio, each peer, and what was said of them. */
export function showRow(row: CompareRow): string {
  const ours = row.rookery === null ? "–" : shown(row.rookery);
  const ratio = row.ratio === null ? "" : `${row.ratio.toFixed(2)}×`;
  const peers = Object.entries(row.peers).map(([name, figure]) =>
    `${name} ${shown(figure)}`
  );
  const notes = Object.entries(row.notes)
    .filter(([, note]) => !note.startsWith(CANNOT))
    .map(([name, note]) => `\n    ${name}: ${note}`);
  return `${row.workload.padEnd(42)} ${ours.padStart(8)} ${
    row.unit.padEnd(8)
  } ${ratio.padStart(8)}  ${peers.join(", ")}${notes.join("")}`;
}

const CANNOT = "cannot: ";

/** Who could not do what, a line a peer and reason. */
function showCannot(rows: readonly CompareRow[]): string[] {
  const told = new Map<string, string[]>();
  for (const { workload, notes } of rows) {
    for (const [name, note] of Object.entries(notes)) {
      if (!note.startsWith(CANNOT)) continue;
      const reason = note.slice(CANNOT.length);
      const key = `  ${name}: ${reason}`;
      told.set(key, [...told.get(key) ?? [], workload]);
    }
  }
  return [...told].map(([key, workloads]) =>
    `${key} (${workloads.length} of ${rows.length}: ${workloads[0]}${
      workloads.length > 1 ? ", …" : ""
    })`
  );
}

/** Classes and targets, after the rows. */
export function showSummary(
  rows: readonly CompareRow[],
  targets: readonly TargetResult[],
): string {
  const classes = classRatios(rows).map(({ group, ratio }) =>
    `  ${group.padEnd(50)} ${ratio.toFixed(2)}×`
  );
  const wanted = targets.map(({ name, figure, atLeast, stretch }) => {
    const found = figure === null ? "not measured" : `${figure.toFixed(2)}×`;
    const verdict = figure === null
      ? ""
      : figure >= stretch
      ? "beyond the stretch"
      : figure >= atLeast
      ? "reached"
      : "NOT REACHED";
    return `  ${name.padEnd(50)} ${found.padStart(12)}  ` +
      `of ${atLeast}× (${stretch}×)  ${verdict}`;
  });
  return [
    "over the best WebGPU peer, geometric mean of each class:",
    ...classes,
    ...showWorst(rows),
    "targets:",
    ...wanted,
    "could not:",
    ...showCannot(rows),
  ].join("\n");
}

function showWorst(rows: readonly CompareRow[]): string[] {
  const compared = rows.filter(({ ratio }) => ratio !== null);
  const [worst] = compared.toSorted((a, b) => a.ratio! - b.ratio!);
  if (worst === undefined) return [];
  return [`worst row: ${worst.workload}, ${worst.ratio!.toFixed(2)}×`];
}

function shown(figure: number): string {
  return figure >= 1000 ? figure.toFixed(0) : figure.toPrecision(3);
}

const ROW = 20, LEFT = 330, WIDTH = 900, TOP = 64;

/** Bars of the ratios, on a logarithmic scale. */
export function ratioChart(
  rows: readonly CompareRow[],
  title: string,
): string {
  const compared = rows.filter(({ ratio }) => ratio !== null);
  const logs = compared.map(({ ratio }) => Math.log10(ratio!));
  const low = Math.floor(Math.min(0, ...logs));
  const high = Math.ceil(Math.max(1, ...logs));
  const xOf = (log: number): number =>
    LEFT + (log - low) / (high - low) * (WIDTH - LEFT - 80);
  const height = TOP + compared.length * ROW + 24;
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  return svgPicture({ width: WIDTH, height, title }, [
    words(20, 28, title, { size: 16, weight: 600 }),
    ...ticks.flatMap((log) => [
      line(xOf(log), TOP - 8, height - 16, log === 0 ? INK.dark : INK.edge),
      words(xOf(log), TOP - 14, `${10 ** log}×`, {
        anchor: "middle",
        fill: INK.faint,
      }),
    ]),
    ...compared.flatMap(({ workload, ratio }, i) => {
      const y = TOP + i * ROW, end = xOf(Math.log10(ratio!)), zero = xOf(0);
      const tone = ratio! >= 1 ? TONES.frozenDeep : TONES.trainedDeep;
      return [
        words(LEFT - 10, y + 13, workload, { anchor: "end" }),
        element("rect", {
          x: Math.min(zero, end).toFixed(1),
          y: y + 3,
          width: Math.max(1, Math.abs(end - zero)).toFixed(1),
          height: ROW - 6,
          fill: tone.stroke,
        }),
        words(Math.max(zero, end) + 6, y + 13, `${ratio!.toFixed(2)}×`, {
          fill: INK.faint,
        }),
      ];
    }),
  ]);
}

function line(x: number, y1: number, y2: number, stroke: string): string {
  const at = x.toFixed(1);
  return element("line", { x1: at, x2: at, y1, y2, stroke });
}
