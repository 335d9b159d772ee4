/**
 * 10,000 generations of mixed shape: what they leave in memory, and how many
 * run in a second.
 *
 * @module
 */

import { showBytes } from "../core/memory.ts";
import type { Device } from "../core/device.ts";
import { soak, type SoakPoint } from "../tests/support/soak.ts";
import { tinyFlamingo } from "../tests/support/tiny_model.ts";
import { type BenchRow, ownRow } from "./row.ts";

const COUNT = 10_000;
const POINTS = 10;

/** Generations a second; memory at ten points goes to stderr. */
export async function benchSoak(device: Device): Promise<BenchRow[]> {
  using model = await tinyFlamingo(device, {
    engine: { mediaCacheBytes: 64 * 1024, prefixCacheBytes: 64 * 1024 },
  });
  const points: SoakPoint[] = [];
  const begin = performance.now();
  const failed = await soak(device, model, {
    count: COUNT,
    every: COUNT / POINTS,
    tell: (point) => {
      points.push(point);
      console.error(lineOf(point));
    },
  });
  const seconds = (performance.now() - begin) / 1000;
  console.error(`${failed} of ${COUNT} failed, as they were meant to`);
  const rise = (of: (point: SoakPoint) => number): number =>
    of(points.at(-1)!) - of(points[1]!);
  const row = (what: string, bytes: number) =>
    ownRow(`soak: ${what} after the first fifth`, "KiB more", [bytes / 1024]);
  return [
    ownRow(`soak: ${COUNT} generations`, "a second", [COUNT / seconds]),
    row("device memory", rise((point) => point.deviceBytes)),
    row("JavaScript heap", rise((point) => point.heapBytes)),
    row("process", rise((point) => point.rssBytes)),
  ];
}

function lineOf(point: SoakPoint): string {
  const { done, deviceBytes, heldPlaces, programs, rssBytes, heapBytes } =
    point;
  return `${done} done: device ${
    showBytes(deviceBytes)
  }, ${heldPlaces} places ` +
    `held, ${programs} programs, process ${showBytes(rssBytes)}, heap ` +
    showBytes(heapBytes);
}
