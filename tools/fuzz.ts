/**
 * `deno task fuzz [--runs N] [--seed N] [--only TEXT]`: feeds every reader of
 * weights, configs and tokenizers with damaged files, N of them each (10,000 by
 * default). Any error but the library's own, a wrong result, and too much time
 * or memory are findings; a reader that hangs is stopped. Exit code 1 with
 * findings.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { fuzzTargets } from "../tests/plugins/fuzz/fuzz_targets.ts";
import type { FuzzEvent, FuzzJob } from "./fuzz_worker.ts";

const DEFAULT_RUNS = 10_000, DEFAULT_SEED = 1;

/** A file of some kilobytes that takes longer hangs. */
const HANG_MS = 30_000;

/** Runs one target in a worker of its own; gives what there is to say. */
function runTarget(job: FuzzJob): Promise<FuzzEvent> {
  const url = new URL("./fuzz_worker.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const { promise, resolve } = Promise.withResolvers<FuzzEvent>();
  let files = 0;
  const onHang = () =>
    resolve({
      kind: "finding",
      message: `${job.name}: file ${files} (seed ${job.seed}) keeps it busy ` +
        `for more than ${HANG_MS} ms`,
    });
  let timer = setTimeout(onHang, HANG_MS);
  worker.onmessage = ({ data }: MessageEvent<FuzzEvent>) => {
    clearTimeout(timer);
    if (data.kind !== "file") return resolve(data);
    files++;
    timer = setTimeout(onHang, HANG_MS);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    resolve({ kind: "finding", message: `${job.name}: ${event.message}` });
  };
  worker.postMessage(job);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.terminate();
  });
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      runs: { type: "string" },
      seed: { type: "string" },
      only: { type: "string" },
    },
  });
  const runs = Math.max(1, Number(values.runs ?? DEFAULT_RUNS) || 1);
  const seed = Number(values.seed ?? DEFAULT_SEED) | 0;
  let findings = 0;
  for (const { name } of await fuzzTargets()) {
    if (!name.includes(values.only ?? "")) continue;
    const started = performance.now();
    const event = await runTarget({ name, runs, seed });
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    if (event.kind === "finding") {
      findings++;
      console.log(`${event.message}\n`);
    } else if (event.kind === "done") {
      const { refused, read, slowestMs } = event.report;
      console.log(
        `${name}: ${runs} files in ${seconds} s, ${refused} refused, ${read} ` +
          `read, the slowest ${slowestMs.toFixed(0)} ms`,
      );
    }
  }
  console.log(`seed ${seed}, ${findings} readers with findings`);
  Deno.exit(findings === 0 ? 0 : 1);
}
