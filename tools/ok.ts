/**
 * `deno task test`, which is `deno task ok`: format, lint, types, docs lint and
 * all tests. Ends with the line `N passed, N failed`.
 *
 *     deno task test [--jobs N] [--only TEXT]
 *
 * `--only` (also `deno task test:only TEXT`) runs the test files whose path has
 * TEXT or, where there are none, the tests whose name has it.
 *
 * @module
 */

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createProgressWriter } from "../cli/progress.ts";
import { fetchWeights } from "../plugins/weights_cache/mod.ts";
import { EFFICIENTNET_LITE0, SMOLLM2 } from "../tests/support/weights.ts";
import { countLine, sumCounts, type TestCounts } from "./junit_report.ts";
import { runDeno } from "./run_deno.ts";
import { findTestFiles, runTestFiles } from "./run_test_files.ts";
import { type Setup, withSetup } from "./with_setup.ts";

/** The software device fills both cores by itself in most tests. */
const DEFAULT_JOBS = 2;
const SLOWEST_SHOWN = 5;

/** A check that counts as one test. */
interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

async function readChecks(): Promise<Check[]> {
  const config = JSON.parse(await Deno.readTextFile("deno.json")) as {
    exports: Record<string, string>;
  };
  const entries = Object.values(config.exports).filter((path) =>
    path.endsWith(".ts")
  );
  return [
    { name: "format", args: ["fmt", "--check"] },
    { name: "lint", args: ["lint", "--quiet"] },
    { name: "types", args: ["check", "--quiet", "."] },
    { name: "docs lint", args: ["doc", "--lint", ...entries] },
  ];
}

async function runCheck({ name, args }: Check): Promise<TestCounts> {
  const start = performance.now();
  const { code, stdout, stderr } = await runDeno(args, {
    env: { NO_COLOR: "1" },
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name}: ${code === 0 ? "passed" : "failed"} (${seconds} s)`);
  if (code !== 0) console.log(`${stdout}${stderr}`.trim());
  const failed = code === 0 ? [] : [`${name} (deno ${args.join(" ")})`];
  const passed = code === 0 ? 1 : 0;
  return { passed, failed, skipped: [], seconds: new Map() };
}

/** Brought here, with a bar, rather than by the first test that needs them. */
async function bringWeights(): Promise<void> {
  const onProgress = createProgressWriter();
  try {
    for (const source of [SMOLLM2, EFFICIENTNET_LITE0]) {
      await fetchWeights(source, { onProgress });
    }
  } catch (error) {
    // The tests that need them fail, and the others still say something.
    console.error(error instanceof Error ? error.message : error);
  }
}

async function testAll(
  { adapter, env }: Setup,
  { jobs, only }: { jobs: number; only: string | undefined },
): Promise<TestCounts> {
  console.log(`device: ${adapter.name}`);
  await bringWeights();
  const counts: TestCounts[] = [];
  if (only === undefined) {
    for (const check of await readChecks()) counts.push(await runCheck(check));
  }
  const root = Deno.cwd();
  const all = (await findTestFiles("tests")).map((file) =>
    relative(root, file)
  );
  const named = only ? all.filter((file) => file.includes(only)) : all;
  const filter = named.length === 0 ? only : undefined;
  counts.push(
    await runTestFiles(named.length > 0 ? named : all, {
      jobs,
      env,
      ...(filter === undefined ? {} : { filter }),
      say: (line) => console.log(line),
    }),
  );
  return sumCounts(counts);
}

function report(counts: TestCounts): void {
  const slowest = [...counts.seconds].sort(([, a], [, b]) => b - a);
  console.log("slowest tests:");
  for (const [name, seconds] of slowest.slice(0, SLOWEST_SHOWN)) {
    console.log(`  ${seconds.toFixed(1)} s ${name}`);
  }
  for (const name of counts.skipped) console.log(`skipped: ${name}`);
  for (const name of counts.failed) console.log(`FAILED: ${name}`);
  console.log(countLine(counts));
}

if (import.meta.main) {
  Deno.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const { values } = parseArgs({
    args: Deno.args,
    options: { jobs: { type: "string" }, only: { type: "string" } },
  });
  const jobs = Math.max(1, Number(values.jobs ?? DEFAULT_JOBS) || 1);
  const only = values.only;
  Deno.exit(
    await withSetup(async (setup) => {
      const counts = await testAll(setup, { jobs, only });
      report(counts);
      return counts.failed.length === 0 && counts.passed > 0 ? 0 : 1;
    }),
  );
}
