/**
 * Results of an evaluation as a table and as a page.
 *
 * @module
 */

import type { Figure, Report } from "../mod.ts";
import { alignRows } from "./table.ts";

/** A number of shots with a seed, and what came of it. */
export interface ScoredCell {
  /** Shots. */
  readonly shots: number;
  /** Seed. */
  readonly seed: number;
  /** Figures by name. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Queries without an answer, and why. */
  readonly failures: readonly string[];
}

/** A run as its file has it: enough to do it again. */
export interface EvaluationResults {
  /** Name of the dataset. */
  readonly task: string;
  /** Its folder. */
  readonly data: string;
  /** Numbers of shots. */
  readonly shotCounts: readonly number[];
  /** Seeds. */
  readonly seeds: readonly number[];
  /** Most queries of a cell. */
  readonly limit?: number | undefined;
  /** The model's name. */
  readonly model: string;
  /** Hash of its parts and weights. */
  readonly identity: string;
  /** Hash of the dataset's rows. */
  readonly dataset: string;
  /** The device's name. */
  readonly device: string;
  /** Version of Deno. */
  readonly deno: string;
  /** What came of it. */
  readonly cells: readonly ScoredCell[];
}

/** A row a cell, then means over seeds. */
export function evaluationTable({ cells }: EvaluationResults): string {
  const names = namesOf(cells);
  const rows = cells.map(({ shots, seed, figures }) => [
    `${shots}`,
    `${seed}`,
    ...names.map((name) => figureText(figures[name])),
  ]);
  const heads = ["shots", "seed", ...names];
  return `${alignRows([heads, ...rows], { right: [0, 1] }).join("\n")}\n`;
}

/** Figures against shots, means over seeds with the widest interval. */
export function evaluationReport(results: EvaluationResults): Report {
  const { task, model, device, cells } = results;
  const names = namesOf(cells);
  return {
    title: `rookery eval ${task}`,
    facts: `${model} on ${device}`,
    plots: names.map((name) => ({
      title: `${name} by shots`,
      xName: "shots",
      yName: name,
      curves: [{ name: task, points: pointsOf(cells, name) }],
    })),
    tables: [{
      title: "Cells",
      heads: ["shots", "seed", ...names],
      rows: cells.map(({ shots, seed, figures }) => [
        `${shots}`,
        `${seed}`,
        ...names.map((name) => figureText(figures[name])),
      ]),
    }],
    sections: [],
  };
}

function namesOf(cells: readonly ScoredCell[]): string[] {
  return [...new Set(cells.flatMap(({ figures }) => Object.keys(figures)))];
}

function pointsOf(
  cells: readonly ScoredCell[],
  name: string,
): { x: number; mean: number; low: number; high: number }[] {
  const known = cells.filter(({ figures }) => figures[name] !== undefined);
  return [...Map.groupBy(known, ({ shots }) => shots)].map(([x, own]) => {
    const figures = own.map(({ figures }) => figures[name]!);
    const mean = figures.reduce((sum, { mean }) => sum + mean, 0) /
      figures.length;
    const ends = figures.map((figure) =>
      "low" in figure ? figure : { low: figure.mean, high: figure.mean }
    );
    return {
      x,
      mean,
      low: Math.min(...ends.map(({ low }) => low)),
      high: Math.max(...ends.map(({ high }) => high)),
    };
  }).sort((a, b) => a.x - b.x);
}

function figureText(figure: Figure | undefined): string {
  if (figure === undefined) return "–";
  const mean = figure.mean.toFixed(3);
  return "low" in figure
    ? `${mean} [${figure.low.toFixed(3)}, ${figure.high.toFixed(3)}]`
    : mean;
}
