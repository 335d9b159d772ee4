/**
 * What a device's clocks are worth, by a piece of work that is timed in every
 * way: drivers may write no timestamps, or ticks of another length than the
 * nanosecond that WebGPU asks for.
 *
 * @module
 */

import { type ClockReading, ClockWork } from "./clock_work.ts";

/** What timing takes, in milliseconds. */
export interface TimingCosts {
  /** A submit and wait around no work. */
  readonly wait: number;
  /** What a pass with timestamps adds to a dispatch's time. */
  readonly timestamps: number;
  /** What submitting alone adds to a dispatch's time, beside the wait. */
  readonly waits: number;
}

/** How the times of dispatches can be taken. */
export interface DeviceClocks {
  /** Nanoseconds of a timestamp's tick; undefined for useless timestamps. */
  readonly tickNs: number | undefined;
  /** What is to be known about the timestamps, in a sentence. */
  readonly timestamps: string;
  /** What timing takes; undefined where no call waits for the work's end. */
  readonly costs: TimingCosts | undefined;
}

/** The work is made to take so long, in milliseconds. */
const WORK_MS = 20;
/** What Deno adds until a wait's promise is fulfilled, in milliseconds. */
const WAIT_MS = 11;
const MOST_ROUNDS = 2 ** 22;

/** Times work on a device in all ways; takes about a third of a second. */
export async function checkClocks(gpu: GPUDevice): Promise<DeviceClocks> {
  const work = new ClockWork(gpu);
  const repeat = async (rounds: number): Promise<ClockReading[]> => {
    const readings: ClockReading[] = [];
    for (let i = 0; i < 3; i++) readings.push(await work.run(rounds));
    return readings;
  };
  const isShort = (done: number): boolean => done < WORK_MS + WAIT_MS;
  try {
    let rounds = 256;
    while (isShort((await work.run(rounds)).doneMs) && rounds < MOST_ROUNDS) {
      rounds *= 4;
    }
    let long = await repeat(rounds);
    // Another program may hold up single readings, but not all of them.
    while (
      isShort(Math.min(...long.map(({ doneMs }) => doneMs))) &&
      rounds < MOST_ROUNDS
    ) {
      rounds *= 2;
      long = await repeat(rounds);
    }
    const short = await repeat(rounds / 4);
    const isWaiting = long.some(({ callMs, doneMs }) => callMs > doneMs / 3);
    const judged = judgeTicks(long, short, isWaiting);
    const costs = isWaiting
      ? await timingCosts(work, judged.tickNs ?? 0)
      : undefined;
    return { ...judged, costs };
  } finally {
    work.release();
  }
}

/**
 * Compares ticks with the host's clock over much work and over a quarter of
 * it; `isWaiting` where `callMs` is the work's time, not only `doneMs`.
 */
export function judgeTicks(
  long: readonly ClockReading[],
  short: readonly ClockReading[],
  isWaiting: boolean,
): Pick<DeviceClocks, "tickNs" | "timestamps"> {
  const readings = [...long, ...short];
  if (readings.every(({ ticks }) => ticks === 0)) {
    return { tickNs: undefined, timestamps: "the device writes no timestamps" };
  }
  // The host may wake up late, never early: the least is the best.
  const lengthOf = (some: readonly ClockReading[]): number =>
    Math.min(
      ...some.map(({ callMs, doneMs, ticks }) =>
        1e6 * (isWaiting ? callMs : doneMs - WAIT_MS) / ticks
      ),
    );
  const tick = lengthOf(long);
  const drift = lengthOf(short) / tick; // 1; 4 for ticks of no meaning
  const isSteady = readings.every(({ ticks }) => ticks > 0) &&
    drift > 0.5 && drift < 2.5;
  if (!isSteady) {
    return {
      tickNs: undefined,
      timestamps: "the device's timestamps do not follow the work",
    };
  }
  const isNanosecond = tick > 0.75 && tick < 1.5; // a wait takes a while too
  return {
    tickNs: isNanosecond ? 1 : tick,
    timestamps: isNanosecond
      ? "timestamps agree with the host's clock"
      : `timestamps were found to count ${tick.toPrecision(3)} ns each`,
  };
}

/**
 * What timing adds to a dispatch that does nothing: its time alone, less its
 * time among others in one pass. The least of a few, as others hold it up.
 */
async function timingCosts(
  work: ClockWork,
  tickNs: number,
): Promise<TimingCosts> {
  let together = Infinity, alone = Infinity, wait = Infinity, ticks = Infinity;
  for (let i = 0; i < 4; i++) {
    together = Math.min(together, work.idleTogether());
    alone = Math.min(alone, work.idleAlone());
    wait = Math.min(wait, work.idleWait());
    ticks = Math.min(ticks, await work.idleTicks());
  }
  return {
    wait,
    timestamps: Math.max(0, ticks * tickNs / 1e6 - together),
    waits: Math.max(0, alone - wait - together),
  };
}
