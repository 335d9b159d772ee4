import assert from "node:assert/strict";
import { openAdapter } from "../../core/webgpu/adapter.ts";
import { checkClocks, judgeTicks } from "../../core/webgpu/check_clocks.ts";
import type { ClockReading } from "../../core/webgpu/clock_work.ts";

/** Readings of so many milliseconds of work, some of them held up. */
function readings(workMs: number, ticks: number[]): ClockReading[] {
  return ticks.map((each, i) => {
    const callMs = workMs + 3 * i;
    return { callMs, doneMs: callMs + 11, ticks: each };
  });
}

Deno.test("judgeTicks() takes nanoseconds as they are", () => {
  const long = readings(40, [39.9e6, 40e6, 43e6]);
  const short = readings(10, [9.8e6, 9.9e6, 12e6]);
  for (const isWaiting of [true, false]) {
    const judged = judgeTicks(long, short, isWaiting);
    assert.equal(judged.tickNs, 1);
    assert.match(judged.timestamps, /agree/);
  }
});

Deno.test("judgeTicks() finds ticks of another length", () => {
  const long = readings(40, [480e3, 481e3, 510e3]);
  const short = readings(10, [120e3, 121e3, 150e3]);
  const { tickNs, timestamps } = judgeTicks(long, short, true);
  assert.ok(Math.abs(tickNs! - 83.3) < 0.5);
  assert.match(timestamps, /count 83\.\d ns each/);
});

const USELESS: readonly (readonly [string, number[], number[]])[] = [
  ["none at all", [0, 0, 0], [0, 0, 0]],
  ["none of the short ones", [4e7, 4e7, 4e7], [0, 0, 0]],
  ["always the same", [5e3, 5e3, 5e3], [5e3, 5e3, 5e3]],
  ["running backwards", [-4e7, 4e7, 4e7], [1e7, 1e7, 1e7]],
];

for (const [name, long, short] of USELESS) {
  Deno.test(`judgeTicks() refuses timestamps that are ${name}`, () => {
    const judged = judgeTicks(readings(40, long), readings(10, short), true);
    assert.equal(judged.tickNs, undefined);
    assert.match(judged.timestamps, /no timestamps|do not follow/);
  });
}

Deno.test("checkClocks() finds a way to time this device", async () => {
  const { gpu } = await openAdapter("auto");
  const { tickNs, costs } = await checkClocks(gpu);
  gpu.destroy();
  assert.ok(tickNs !== undefined || costs !== undefined);
  if (costs === undefined) return;
  for (const ms of Object.values(costs)) assert.ok(ms >= 0 && ms < 20);
});
