/**
 * One target of `tools/fuzz.ts`, in a worker: the tool can stop it where the
 * reader never comes back.
 *
 * @module
 */

import { fuzzTargets } from "../tests/plugins/fuzz/fuzz_targets.ts";
import { type FuzzReport, runFuzz } from "../tests/plugins/fuzz/run_fuzz.ts";

/** What the worker is asked for. */
export interface FuzzJob {
  /** Name of the target. */
  readonly name: string;
  /** Number of damaged files. */
  readonly runs: number;
  /** Seed of the damages. */
  readonly seed: number;
}

/** What it says: that a file is begun, that all are done, or what it found. */
export type FuzzEvent =
  | { readonly kind: "file" }
  | { readonly kind: "done"; readonly report: FuzzReport }
  | { readonly kind: "finding"; readonly message: string };

/** The part of a worker's scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<FuzzJob>) => void) | null;
  postMessage(event: FuzzEvent): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { name, runs, seed } }) => {
  const target = (await fuzzTargets()).find((each) => each.name === name)!;
  const onCase = () => scope.postMessage({ kind: "file" });
  try {
    const report = await runFuzz(target, { runs, seed, onCase });
    scope.postMessage({ kind: "done", report });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ kind: "finding", message });
  }
};
