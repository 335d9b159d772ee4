/**
 * One measured figure, and how figures are shown.
 *
 * @module
 */

/** A figure of Rookery beside those of peers. */
export interface BenchRow {
  /** What was done. */
  readonly workload: string;
  /** Unit of the figures; more is better. */
  readonly unit: string;
  /** Our figure, a median. */
  readonly rookery: number;
  /** Figures of peers measured in the same run. */
  readonly peers: Readonly<Record<string, number>>;
  /** Ours over the best peer's; null without peers. */
  readonly ratio: number | null;
}

/** A row without peers. */
export function ownRow(
  workload: string,
  unit: string,
  figures: readonly number[],
): BenchRow {
  return { workload, unit, rookery: median(figures), peers: {}, ratio: null };
}

/** A row beside others that were measured in turn with it, by their medians. */
export function comparedRow(
  workload: string,
  unit: string,
  { ours, peers }: {
    readonly ours: readonly number[];
    readonly peers: Readonly<Record<string, readonly number[]>>;
  },
): BenchRow {
  const medians = Object.fromEntries(
    Object.entries(peers).map(([name, figures]) => [name, median(figures)]),
  );
  const rookery = median(ours);
  const ratio = rookery / Math.max(...Object.values(medians));
  return { workload, unit, rookery, peers: medians, ratio };
}

/** Middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Rows as a table for people. */
export function showTable(device: string, rows: readonly BenchRow[]): string {
  const width = Math.max(...rows.map(({ workload }) => workload.length));
  const lines = rows.map(({ workload, unit, rookery, peers, ratio }) =>
    `${workload.padEnd(width)}  ${rookery.toFixed(1).padStart(8)} ${unit}` +
    (ratio === null
      ? ""
      : `  ${ratio.toFixed(2)}× ${Object.keys(peers).join(", ")}`)
  );
  return [`device: ${device}`, ...lines].join("\n");
}
