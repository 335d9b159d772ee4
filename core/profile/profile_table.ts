/**
 * A profile as a table for people.
 *
 * @module
 */

import type { Profile, ProfileRow, ProfileTotal } from "./profile.ts";

/** Options of `profileTable`. */
export interface ProfileTableOptions {
  /** Most rows; the others are one row. Default 25. */
  readonly rows?: number;
}

/** Longest text of shapes and places; the middle is left out beyond. */
const MOST_TEXT = 40;
const HEADER = [
  "kernel",
  "shape",
  "where",
  "calls",
  "ms",
  "%",
  "ms/call",
  "GFLOP/s",
  "GB/s",
  "of peak",
];
/** Columns of text; all others are numbers. */
const TEXTS = 3;

/** Rows by falling time, then programs and the host's work, as text. */
export function profileTable(
  profile: Profile,
  { rows: most = 25 }: ProfileTableOptions = {},
): string {
  const { rows, deviceMs, programs, host } = profile;
  const shown = rows.length > most + 1 ? rows.slice(0, most) : rows;
  const others = rows.slice(shown.length);
  const cells = [
    HEADER,
    ...shown.map((row) => cellsOf(row, deviceMs)),
    ...(others.length > 0 ? [foldedCells(others, deviceMs)] : []),
    totalCells(`total of ${rows.length} rows`, rows, deviceMs),
  ];
  return [
    ...headLines(profile),
    "",
    ...aligned(cells),
    "",
    ...totalLines("programs on the device", programs),
    "",
    ...totalLines("work of the host (capture holds compile)", host),
    ...jitLines(rows),
    "",
  ].join("\n");
}

function headLines(profile: Profile): string[] {
  const { device, method, note, wallMs, deviceMs, runMs, peaks } = profile;
  const { untimed, timingMs } = profile;
  const share = (whole: number): string => percent(deviceMs, whole);
  return [
    `profile of ${device}`,
    `method: ${method} (${note}); timing adds about ` +
    `${timingMs.toFixed(3)} ms to each`,
    peaks === undefined
      ? "peaks: not measured"
      : `peaks: ${significant(peaks.gemmGflops)} GFLOP/s (matmul 512³), ` +
        `${significant(2 * peaks.copyGBs)} GB/s (copy, read and written)`,
    `time: ${wallMs.toFixed(1)} ms in all; kernels ${
      deviceMs.toFixed(1)
    } ms, ` +
    `${share(wallMs)} of it and ${share(runMs)} of the ` +
    `${runMs.toFixed(1)} ms from runs to their results`,
    ...(untimed > 0
      ? [`untimed: ${untimed} dispatches, as nothing was read after them`]
      : []),
  ];
}

function cellsOf(row: ProfileRow, deviceMs: number): string[] {
  const { kernel, shape, places, calls, ms, medianMs, gflops, gbs, peak } = row;
  const more = places.length > 1 ? ` +${places.length - 1}` : "";
  return [
    kernel,
    shortened(shape),
    shortened(places[0]!) + more,
    String(calls),
    ms.toFixed(1),
    percent(ms, deviceMs),
    medianMs.toFixed(3),
    gflops === 0 ? "" : significant(gflops),
    gbs === 0 ? "" : significant(gbs),
    peak === undefined || peak.share === 0
      ? ""
      : `${percent(peak.share, 1)} ${peak.of}`,
  ];
}

function foldedCells(rows: readonly ProfileRow[], deviceMs: number): string[] {
  return totalCells(`${rows.length} other rows`, rows, deviceMs);
}

function totalCells(
  name: string,
  rows: readonly ProfileRow[],
  deviceMs: number,
): string[] {
  const calls = rows.reduce((sum, row) => sum + row.calls, 0);
  const ms = rows.reduce((sum, row) => sum + row.ms, 0);
  const share = percent(ms, deviceMs);
  return [name, "", "", String(calls), ms.toFixed(1), share];
}

function totalLines(title: string, totals: readonly ProfileTotal[]): string[] {
  const cells = totals.map(({ name, calls, ms }) => [
    `  ${name}`,
    `${calls}×`,
    `${ms.toFixed(1)} ms`,
  ]);
  return [title, ...aligned(cells, 1)];
}

/** What first calls took more than later ones, where that is much. */
function jitLines(rows: readonly ProfileRow[]): string[] {
  const more = rows.filter(({ calls }) => calls > 1).reduce(
    (sum, { firstMs, medianMs }) => sum + Math.max(0, firstMs - medianMs),
    0,
  );
  return [
    `first calls took ${more.toFixed(1)} ms more than median ones: drivers ` +
    "finish compiling in them",
  ];
}

function shortened(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  const half = (MOST_TEXT - 1) / 2;
  return `${text.slice(0, Math.ceil(half))}…${text.slice(-Math.floor(half))}`;
}

function percent(part: number, whole: number): string {
  return whole > 0 ? `${(100 * part / whole).toFixed(0)}%` : "";
}

/** Three digits, without an exponent. */
function significant(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

/** Rows with columns under each other, numbers from `texts` on to the right. */
function aligned(
  rows: readonly (readonly string[])[],
  texts: number = TEXTS,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row.map((cell, i) =>
      i < texts ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)
    ).join("  ").trimEnd()
  );
}
