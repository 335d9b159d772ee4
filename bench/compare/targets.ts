/**
 * What Rookery wants to reach against its peers, and what a run shows of it.
 *
 * @module
 */

import type { CompareRow } from "./compare_workload.ts";

/** A wanted ratio. */
export interface Target {
  /** What is wanted. */
  readonly name: string;
  /** Ratio that is asked for. */
  readonly atLeast: number;
  /** Ratio that is hoped for. */
  readonly stretch: number;
  /** The ratio in some rows; undefined where they do not show it. */
  figure(rows: readonly CompareRow[]): number | undefined;
}

/** A target beside its figure. */
export interface TargetResult extends Omit<Target, "figure"> {
  /** Null where the run has no row for it. */
  readonly figure: number | null;
}

const DECODE = "SmolLM2-135M Q4_1, decode at 32";
const PREFILL = "SmolLM2-135M Q4_1, prefill 128";

/** The targets, in the order in which they are shown. */
export const TARGETS: readonly Target[] = [
  {
    name: "matmul f32, geometric mean of 512 and 1024",
    atLeast: 3,
    stretch: 3.5,
    figure: (rows) => geomean(ratiosOf(rows.filter(isMiddleMatmul))),
  },
  {
    name: "matmul f32, worse of 512 and 1024",
    atLeast: 2.5,
    stretch: 3.5,
    figure: (rows) => least(ratiosOf(rows.filter(isMiddleMatmul))),
  },
  {
    name: "classes of ops, geometric mean",
    atLeast: 3,
    stretch: 5,
    figure: (rows) => geomean(classRatios(rows).map(({ ratio }) => ratio)),
  },
  {
    name: "classes of ops, the worst",
    atLeast: 1.2,
    stretch: 2,
    figure: (rows) => least(classRatios(rows).map(({ ratio }) => ratio)),
  },
  against(
    "decode at 32, float, over llama.cpp's CPU",
    DECODE,
    "cpu",
    0.25,
    0.7,
  ),
  against(
    "decode at 32, float, over llama.cpp's Vulkan",
    DECODE,
    "vulkan",
    10,
    22,
  ),
  against("prefill 128 over llama.cpp's CPU", PREFILL, "cpu", 0.25, 0.4),
  against("prefill 128 over llama.cpp's Vulkan", PREFILL, "vulkan", 12, 20),
];

/** Geometric mean of a class's ratios to the best WebGPU peer. */
export interface ClassRatio {
  /** The class. */
  readonly group: string;
  /** Geometric mean. */
  readonly ratio: number;
}

/** Classes that a WebGPU peer has too. */
export function classRatios(rows: readonly CompareRow[]): ClassRatio[] {
  const groups = [...new Set(rows.map(({ group }) => group))];
  return groups.filter((group) => group !== "language model").flatMap(
    (group) => {
      const own = rows.filter((row) => row.group === group);
      const ratio = geomean(ratiosOf(own));
      return ratio === undefined ? [] : [{ group, ratio }];
    },
  );
}

/** All targets with what the rows show. */
export function checkTargets(rows: readonly CompareRow[]): TargetResult[] {
  return TARGETS.map(({ figure, ...target }) => ({
    ...target,
    figure: figure(rows) ?? null,
  }));
}

/** Geometric mean; undefined of nothing. */
export function geomean(ratios: readonly number[]): number | undefined {
  if (ratios.length === 0) return undefined;
  const sum = ratios.reduce((total, ratio) => total + Math.log(ratio), 0);
  return Math.exp(sum / ratios.length);
}

function least(ratios: readonly number[]): number | undefined {
  return ratios.length === 0 ? undefined : Math.min(...ratios);
}

function ratiosOf(rows: readonly CompareRow[]): number[] {
  return rows.flatMap(({ ratio }) => ratio === null ? [] : [ratio]);
}

function isMiddleMatmul({ workload }: CompareRow): boolean {
  return /^matmul f32 (512|1024)×/.test(workload);
}

function against(
  name: string,
  workload: string,
  backend: "cpu" | "vulkan",
  atLeast: number,
  stretch: number,
): Target {
  return {
    name,
    atLeast,
    stretch,
    figure(rows): number | undefined {
      const row = rows.find((row) => row.workload === workload);
      const peer = row?.peers[`llama.cpp-${backend}`];
      if (peer === undefined || row?.rookery == null) return undefined;
      return row.rookery / peer;
    },
  };
}
