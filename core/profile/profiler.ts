/**
 * Takes note of what a device and its host do, and of how long it takes.
 *
 * @module
 */

import type { KernelUse } from "./kernel_use.ts";
import { KernelTable } from "./kernel_table.ts";
import type {
  DevicePeaks,
  Profile,
  ProfileEvent,
  ProfileMethod,
  ProfileTotal,
} from "./profile.ts";

/** Options of `Profiler`. */
export interface ProfilerOptions {
  /** Name of the device. */
  readonly device: string;
  /** How the device's times are taken. */
  readonly method: ProfileMethod;
  /** What is to be known about the method, in a sentence. */
  readonly note: string;
  /** Milliseconds that timing adds to a dispatch, about. */
  readonly timingMs: number;
  /** Milliseconds now; by default the clock's. */
  readonly now?: () => number;
}

/** Most events that are kept; all are counted. */
const MOST_EVENTS = 200_000;

/** Notes work of one device; a device that profiles has one. */
export class Profiler {
  readonly #options: ProfilerOptions;
  readonly #now: () => number;
  readonly #start: number;
  readonly #table = new KernelTable();
  readonly #host = new Map<string, { calls: number; ms: number }>();
  readonly #events: ProfileEvent[] = [];
  readonly #collectors: (() => Promise<number>)[] = [];
  #dropped = 0;
  #pauses = 0;
  #pausedMs = 0;
  #runMs = 0;
  #runsFrom: number | undefined;
  #peaks: DevicePeaks | undefined;

  /** Starts the clock. */
  constructor(options: ProfilerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#start = this.#now();
  }

  /** Whether work is noted now. */
  get isRecording(): boolean {
    return this.#pauses === 0;
  }

  /** Milliseconds of the clock that all times here are of. */
  now(): number {
    return this.#now();
  }

  /** Does a piece of host work and notes it under a kind. */
  span<Result>(kind: string, name: string, work: () => Result): Result {
    if (!this.isRecording) return work();
    const begin = this.#now();
    const end = (): void => this.#addHost(kind, name, begin);
    let isPending = false;
    try {
      const result = work();
      if (!(result instanceof Promise)) return result;
      isPending = true;
      return result.finally(end) as Result;
    } finally {
      if (!isPending) end();
    }
  }

  /** Notes that a program runs from now on; ends with `endRuns`. */
  beginRun(program: string, times: number): void {
    if (!this.isRecording) return;
    this.#table.addRuns(program, times);
    this.#runsFrom ??= this.#now();
  }

  /** Notes that all runs so far are done. */
  endRuns(): void {
    if (this.#runsFrom === undefined) return;
    this.#runMs += this.#now() - this.#runsFrom;
    this.#runsFrom = undefined;
  }

  /** Notes a dispatch; `begin` on the clock of `now`. */
  addDispatch(use: KernelUse, begin: number, ms: number): void {
    this.#table.add(use, ms);
    const { kernel, program, shape, prefix } = use;
    this.#addEvent({
      track: "device",
      category: program,
      name: kernel,
      startMs: begin - this.#start,
      ms,
      args: { shape, at: prefix },
    });
  }

  /** Does work that is not noted, nor its time: probes, preparations. */
  async unrecorded<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#collect();
    const begin = this.#now();
    this.#pauses++;
    try {
      return await work();
    } finally {
      this.#pauses--;
      if (this.isRecording) this.#pausedMs += this.#now() - begin;
    }
  }

  /** Sets what shares of peaks are shares of. */
  setPeaks(peaks: DevicePeaks): void {
    this.#peaks = peaks;
  }

  /**
   * Adds a source of times that come late. It hands in those it can have and
   * tells how many dispatches stay without.
   */
  addCollector(collect: () => Promise<number>): void {
    this.#collectors.push(collect);
  }

  /** The profile up to now; noting goes on. */
  async finish(): Promise<Profile> {
    const untimed = await this.#collect();
    const peaks = this.#peaks;
    return {
      device: this.#options.device,
      method: this.#options.method,
      note: this.#options.note,
      timingMs: this.#options.timingMs,
      wallMs: this.#now() - this.#start - this.#pausedMs,
      deviceMs: this.#table.ms,
      runMs: this.#runMs,
      rows: this.#table.rows(peaks),
      programs: this.#table.programs(),
      host: totalsOf(this.#host),
      events: this.#events.toSorted((a, b) => a.startMs - b.startMs),
      droppedEvents: this.#dropped,
      untimed,
      ...(peaks === undefined ? {} : { peaks }),
    };
  }

  async #collect(): Promise<number> {
    let untimed = 0;
    for (const collect of this.#collectors) untimed += await collect();
    this.endRuns();
    return untimed;
  }

  #addHost(kind: string, name: string, begin: number): void {
    const ms = this.#now() - begin;
    const known = this.#host.get(kind) ?? { calls: 0, ms: 0 };
    known.calls++;
    known.ms += ms;
    this.#host.set(kind, known);
    const startMs = begin - this.#start;
    this.#addEvent({ track: "host", category: kind, name, startMs, ms });
  }

  #addEvent(event: ProfileEvent): void {
    if (this.#events.length < MOST_EVENTS) this.#events.push(event);
    else this.#dropped++;
  }
}

/** Does host work, noted where there is a profiler. */
export function noted<Result>(
  profiler: Profiler | undefined,
  [kind, name]: readonly [kind: string, name: string],
  work: () => Result,
): Result {
  return profiler === undefined ? work() : profiler.span(kind, name, work);
}

function totalsOf(
  totals: ReadonlyMap<string, { readonly calls: number; readonly ms: number }>,
): ProfileTotal[] {
  return [...totals].map(([name, total]) => ({ name, ...total }))
    .sort((a, b) => b.ms - a.ms);
}
