/**
 * Runs test files in a few processes, so that a driver that aborts its process
 * costs one file its results, and memory of devices is given back in between.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { readJunit, sumCounts, type TestCounts } from "./junit_report.ts";
import { runDeno } from "./run_deno.ts";

/** How test files are run. */
export interface TestRunOptions {
  /** Processes at once. */
  readonly jobs: number;
  /** Variables for the processes. */
  readonly env: Record<string, string>;
  /** Runs only tests whose name has this text, or fits this `/pattern/`. */
  readonly filter?: string;
  /** Hears a line about each process that ended. */
  readonly say: (line: string) => void;
}

/** Files per process: enough to share its start and its compiled kernels. */
const BATCH_FILES = 8;
/** A process that takes longer hangs. */
const LIMIT_MS = 600_000;

/** All test files below a folder, sorted. */
export async function findTestFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) files.push(...await findTestFiles(path));
    else if (name.endsWith("_test.ts")) files.push(path);
  }
  return files.sort();
}

/** Runs the files and adds up how their tests ended. */
export async function runTestFiles(
  files: readonly string[],
  options: TestRunOptions,
): Promise<TestCounts> {
  const waiting = batches(files);
  const counts: TestCounts[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      counts.push(await runBatch(next, options));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return sumCounts(counts);
}

/** Neighbours stay together, and no process gets two folders of `tests/`. */
function batches(files: readonly string[]): string[][] {
  const groups = Map.groupBy(
    files,
    (file) => dirname(file).split("/").slice(0, 3).join("/"),
  );
  return [...groups.values()].flatMap((group) => {
    const count = Math.ceil(group.length / BATCH_FILES);
    const size = Math.ceil(group.length / count);
    return Array.from(
      { length: count },
      (_, i) => group.slice(i * size, (i + 1) * size),
    );
  }).filter((batch) => batch.length > 0);
}

async function runBatch(
  files: readonly string[],
  options: TestRunOptions,
  isSecondTry = false,
): Promise<TestCounts> {
  const start = performance.now();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const { code, stdout, stderr } = await runDeno([
      "test",
      "-A",
      "--no-check", // types are checked once, for all files
      "--reporter=dot",
      `--junit-path=${report}`,
      ...(options.filter === undefined ? [] : [`--filter=${options.filter}`]),
      ...files,
    ], { env: { NO_COLOR: "1", ...options.env }, limitMs: LIMIT_MS });
    const counts = readJunit(await Deno.readTextFile(report));
    if (code === 0 || counts.failed.length > 0) {
      options.say(batchLine(files, counts, start));
      if (code !== 0) options.say(failures(stdout));
      return counts;
    }
    const said = `${files.join(", ")} ended with exit code ${code}`;
    options.say(`${said}:\n${`${stdout}${stderr}`.trim()}`);
    if (!isSecondTry) return await runEach(files, options);
    return sumCounts([counts, crashed(said)]);
  } finally {
    await Deno.remove(report);
  }
}

/**
 * After a crash without a failed test: each file once more, alone, to find the
 * one. A software driver may crash while its process ends, seldom and not for
 * what was tested; a file that does so twice has failed.
 */
async function runEach(
  files: readonly string[],
  options: TestRunOptions,
): Promise<TestCounts> {
  const counts: TestCounts[] = [];
  for (const file of files) counts.push(await runBatch([file], options, true));
  return sumCounts(counts);
}

function crashed(name: string): TestCounts {
  return { passed: 0, failed: [name], skipped: [], seconds: new Map() };
}

function batchLine(
  files: readonly string[],
  { passed, failed }: TestCounts,
  start: number,
): string {
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const [first = ""] = files;
  const more = files.length > 1 ? ` and ${files.length - 1} more` : "";
  return `${first}${more}: ${passed} passed, ${failed.length} failed (${seconds} s)`;
}

/** What `deno test` says of failures, without the dots before it. */
function failures(output: string): string {
  const at = output.indexOf(" ERRORS ");
  return output.slice(Math.max(0, at)).trim();
}
