/**
 * The runner's side of the protocol: prepares workloads, times them, answers.
 *
 * @module
 */

import { type MeasureRequest, REPLY } from "../protocol.ts";
import { sampleOf } from "../seeded_values.ts";
import type { Workload } from "../workload.ts";

/** A workload that is ready to run. */
export interface Prepared {
  /** Runs it so many times and waits until all is done. */
  run(times: number): Promise<void>;
  /** The result of a run. */
  output(): Promise<ArrayLike<number>>;
  /** Units of work in a run, e.g. tokens drawn; a run's time is divided. */
  readonly perRun?: number;
  /** Something that readers should know. */
  readonly note?: string;
  /** Gives back what it holds. */
  close?(): void;
}

/** Why a workload is not done. */
export interface Cannot {
  /** One sentence. */
  readonly cannot: string;
}

/** Makes a workload ready. */
export type Prepare = (
  workload: Workload,
  seed: number,
) => Promise<Prepared | Cannot> | Prepared | Cannot;

/** Milliseconds that the runs between two waits should take at least. */
const WINDOW = 60;
const MOST_RUNS = 256;
/** Milliseconds from which a wait at the end no longer counts. */
const SLOW = 1200;

/** Answers requests until stdin ends. */
export async function serveRequests(prepare: Prepare): Promise<void> {
  let last: { key: string; ready: Ready | Cannot } | undefined;
  for await (const line of linesOf(Deno.stdin.readable)) {
    const request = JSON.parse(line) as MeasureRequest;
    const key = JSON.stringify([request.workload, request.seed]);
    try {
      if (last?.key !== key) {
        if (last && "prepared" in last.ready) last.ready.prepared.close?.();
        last = undefined;
        last = { key, ready: await makeReady(prepare, request) };
      }
      reply({ id: request.id, ...await answer(last.ready, request) });
    } catch (error) {
      reply({ id: request.id, cannot: firstLine(error) });
    }
  }
}

interface Ready {
  readonly prepared: Prepared;
  /** Runs between two waits. */
  readonly times: number;
  /** Whether `single` was told, as the first repetition of slow work. */
  isTold?: boolean;
  /** Milliseconds of one run with its wait. */
  readonly single: number;
  readonly output: readonly number[];
}

/** Prepares, runs once for the result, and finds how many runs fill the window. */
async function makeReady(
  prepare: Prepare,
  { workload, seed }: MeasureRequest,
): Promise<Ready | Cannot> {
  const prepared = await prepare(workload, seed);
  if ("cannot" in prepared) return prepared;
  const output = sampleOf(await prepared.output());
  const single = await timeOf(prepared, 1);
  if (single > 2 * WINDOW) return { prepared, times: 1, single, output };
  const four = (await timeOf(prepared, 5) - single) / 4;
  const times = Math.ceil(WINDOW / Math.max(four, WINDOW / MOST_RUNS));
  return { prepared, times, single, output };
}

async function answer(
  ready: Ready | Cannot,
  { repetitions }: MeasureRequest,
): Promise<Record<string, unknown>> {
  if ("cannot" in ready) return { cannot: ready.cannot };
  const { prepared, times, single, output } = ready;
  const milliseconds: number[] = [];
  const perRun = prepared.perRun ?? 1;
  if (single > SLOW && !ready.isTold) {
    ready.isTold = true;
    milliseconds.push(single / perRun);
  }
  for (let i = milliseconds.length; i < repetitions; i++) {
    const run = await oneRun(prepared, times, single);
    milliseconds.push(run / perRun);
  }
  const note = prepared.note === undefined ? {} : { note: prepared.note };
  return { milliseconds, output, ...note };
}

/**
 * Milliseconds of one run. Short ones as a difference, which leaves out the
 * wait and the readback at the end; long ones as they are.
 */
async function oneRun(
  prepared: Prepared,
  times: number,
  single: number,
): Promise<number> {
  if (single > SLOW) return await timeOf(prepared, 1);
  const few = await timeOf(prepared, times);
  const more = await timeOf(prepared, 3 * times);
  return more > few ? (more - few) / (2 * times) : more / (3 * times);
}

async function timeOf(prepared: Prepared, times: number): Promise<number> {
  const start = performance.now();
  await prepared.run(times);
  return performance.now() - start;
}

function reply(value: Record<string, unknown>): void {
  const bytes = new TextEncoder().encode(
    `\n${REPLY}${JSON.stringify(value)}\n`,
  );
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0]!.slice(0, 300);
}

/** Lines of a stream of bytes. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines.filter((line) => line !== "");
  }
  if (rest !== "") yield rest;
}
