/**
 * What the bench and a runner say to each other: one JSON object a line. The
 * bench writes requests on stdin; a runner answers each on stdout, in lines
 * that start with `REPLY`, as native libraries print what they like.
 *
 * @module
 */

import type { Workload } from "./workload.ts";

/** Asks for some repetitions; the workload asked last stays prepared. */
export interface MeasureRequest {
  /** Comes back in the reply. */
  readonly id: number;
  /** What to do. */
  readonly workload: Workload;
  /** Seed of the first input; the next ones count up. */
  readonly seed: number;
  /** How many times to measure. */
  readonly repetitions: number;
}

/** What was measured. */
export interface MeasureReply {
  /** Of the request. */
  readonly id: number;
  /** Milliseconds of one run, by repetition. */
  readonly milliseconds: readonly number[];
  /** `sampleOf` the result. */
  readonly output: readonly number[];
  /** Something that readers of the row should know. */
  readonly note?: string;
}

/** Why a runner does not do a workload. */
export interface CannotReply {
  /** Of the request. */
  readonly id: number;
  /** One sentence. */
  readonly cannot: string;
}

/** Either. */
export type Reply = MeasureReply | CannotReply;

/** Start of a line that is a reply. */
export const REPLY = "\u0001reply ";

/** The reply in a line, or undefined for anything else that was printed. */
export function parseReply(line: string): Reply | undefined {
  if (!line.startsWith(REPLY)) return undefined;
  return JSON.parse(line.slice(REPLY.length)) as Reply;
}
