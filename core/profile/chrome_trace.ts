/**
 * A profile as a Chrome trace, which Perfetto and `chrome://tracing` open.
 *
 * @module
 */

import type { Profile } from "./profile.ts";

/** An event of the Trace Event Format, with times in microseconds. */
export interface TraceEvent {
  /** `X` for a piece of work, `M` for the name of a track. */
  readonly ph: "X" | "M";
  /** What was done; for `M`, what is named. */
  readonly name: string;
  /** Kind of work. */
  readonly cat?: string;
  /** Start. */
  readonly ts: number;
  /** Time it took. */
  readonly dur: number;
  /** Process: 1, the profiled one. */
  readonly pid: number;
  /** Thread: 1 for the host, 2 for the device. */
  readonly tid: number;
  /** More about it. */
  readonly args?: Readonly<Record<string, string>>;
}

/** A trace file's object. */
export interface ChromeTrace {
  /** Events by rising time; names of tracks come first. */
  readonly traceEvents: readonly TraceEvent[];
  /** Unit that viewers show. */
  readonly displayTimeUnit: "ms";
  /** All of the profile but its events; viewers pass over it. */
  readonly rookery: Omit<Profile, "events">;
}

const PROCESS = 1;
const TRACKS = { host: 1, device: 2 } as const;

/** Makes the trace of a profile. */
export function chromeTrace(profile: Profile): ChromeTrace {
  const { events, ...rest } = profile;
  const named = { process_name: "rookery", thread_name: "host" };
  const names = [
    nameOf("process_name", named.process_name, TRACKS.host),
    nameOf("thread_name", named.thread_name, TRACKS.host),
    nameOf("thread_name", `device: ${profile.device}`, TRACKS.device),
  ];
  const work = events.map((event): TraceEvent => ({
    ph: "X",
    name: event.name,
    cat: event.category,
    ts: microseconds(event.startMs),
    dur: microseconds(event.ms),
    pid: PROCESS,
    tid: TRACKS[event.track],
    ...(event.args === undefined ? {} : { args: event.args }),
  }));
  return {
    traceEvents: [...names, ...work],
    displayTimeUnit: "ms",
    rookery: rest,
  };
}

function nameOf(what: string, name: string, tid: number): TraceEvent {
  const track = { ts: 0, dur: 0, pid: PROCESS, tid };
  return { ph: "M", name: what, ...track, args: { name } };
}

/** Rounded to nanoseconds, which keeps files short. */
function microseconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e3;
}
