/**
 * Sums the times of dispatches by kernel and shape.
 *
 * @module
 */

import type { KernelUse } from "./kernel_use.ts";
import type { DevicePeaks, ProfileRow, ProfileTotal } from "./profile.ts";

/** Calls of one kernel on one kind of operands. */
interface Calls {
  readonly use: KernelUse;
  readonly places: Set<string>;
  readonly ms: number[];
  total: number;
  flops: number;
  bytes: number;
}

/** Times by kernel and shape, and by program. */
export class KernelTable {
  readonly #rows = new Map<string, Calls>();
  readonly #programs = new Map<string, { calls: number; ms: number }>();
  #ms = 0;

  /** Milliseconds of all dispatches. */
  get ms(): number {
    return this.#ms;
  }

  /** Counts a dispatch. */
  add(use: KernelUse, ms: number): void {
    const { kernel, shape, program, prefix, cost } = use;
    const key = `${kernel} ${shape}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      const places = new Set<string>();
      row = { use, places, ms: [], total: 0, flops: 0, bytes: 0 };
      this.#rows.set(key, row);
    }
    row.places.add(`${program}: ${prefix.replaceAll(/\d+/g, "*")}`);
    row.ms.push(ms);
    row.total += ms;
    row.flops += cost.flops;
    row.bytes += cost.bytes;
    this.#program(program).ms += ms;
    this.#ms += ms;
  }

  /** Counts runs of a program. */
  addRuns(program: string, times: number): void {
    this.#program(program).calls += times;
  }

  /** Rows by falling time. */
  rows(peaks: DevicePeaks | undefined): ProfileRow[] {
    const rates = this.#rates();
    return [...this.#rows.values()]
      .sort((a, b) => b.total - a.total)
      .map(({ use, places, ms, total }) => {
        const { gflops, gbs } = rates.get(opKey(use))!;
        return {
          kernel: use.kernel,
          op: use.op,
          shape: use.shape,
          places: [...places],
          calls: ms.length,
          ms: total,
          medianMs: medianOfWorking(ms),
          firstMs: ms[0]!,
          gflops,
          gbs,
          ...(peaks === undefined ? {} : { peak: peakOf(gflops, gbs, peaks) }),
        };
      });
  }

  /** Programs by falling time. */
  programs(): ProfileTotal[] {
    return [...this.#programs]
      .map(([name, { calls, ms }]) => ({ name, calls, ms }))
      .sort((a, b) => b.ms - a.ms);
  }

  #program(name: string): { calls: number; ms: number } {
    const known = this.#programs.get(name) ?? { calls: 0, ms: 0 };
    this.#programs.set(name, known);
    return known;
  }

  /** Rates of ops on certain shapes, over all of their kernels. */
  #rates(): Map<string, { gflops: number; gbs: number }> {
    const work = new Map<
      string,
      { flops: number; bytes: number; ms: number }
    >();
    for (const { use, ms, flops, bytes } of this.#rows.values()) {
      const sum = work.get(opKey(use)) ?? { flops: 0, bytes: 0, ms: 0 };
      sum.flops += flops;
      sum.bytes += bytes;
      sum.ms += medianOfWorking(ms) * ms.length;
      work.set(opKey(use), sum);
    }
    return new Map(
      [...work].map(([key, { flops, bytes, ms }]) => {
        const scale = ms > 0 ? 1e-6 / ms : 0;
        return [key, { gflops: flops * scale, gbs: bytes * scale }];
      }),
    );
  }
}

function opKey({ op, shape }: KernelUse): string {
  return `${op} ${shape}`;
}

function peakOf(
  gflops: number,
  gbs: number,
  { gemmGflops, copyGBs }: DevicePeaks,
): NonNullable<ProfileRow["peak"]> {
  const arithmetic = gflops / gemmGflops, memory = gbs / (2 * copyGBs);
  return arithmetic > memory
    ? { of: "arithmetic", share: arithmetic }
    : { of: "memory", share: memory };
}

/**
 * Middle of the times of calls that worked. A program's guard lets calls do
 * nothing, which takes a moment: those far below the others do not count.
 */
export function medianOfWorking(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  // Not the most: other programs may hold up some calls tenfold.
  const high = sorted[Math.floor(0.75 * (sorted.length - 1))]!;
  const working = sorted.filter((ms) => ms >= high / 8);
  const middle = working.length >> 1;
  return working.length % 2 === 1
    ? working[middle]!
    : (working[middle - 1]! + working[middle]!) / 2;
}
