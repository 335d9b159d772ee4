import assert from "node:assert/strict";
import { join } from "node:path";
import { countLine, readJunit } from "../../tools/junit_report.ts";
import { findTestFiles, runTestFiles } from "../../tools/run_test_files.ts";

const FILES: Record<string, string> = {
  "a_test.ts": `
    Deno.test("passes > here", async (t) => { await t.step("step", () => {}); });
    Deno.test("fails <so>", async (t) => {
      await t.step("fine", () => {});
      await t.step("bad", () => { throw new Error("told you"); });
    });
    Deno.test.ignore("waits", () => {});`,
  "b_test.ts": `import "./absent.ts"; Deno.test("never", () => {});`,
  "c_test.ts": `Deno.test("dies", () => Deno.kill(Deno.pid, "SIGKILL"));`,
  "deep/d_test.ts": `Deno.test("is fine", () => {});`,
  "no_tests.ts": `Deno.test("is not run", () => {});`,
};

async function runAll(filter?: string) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(FILES)) {
      Deno.mkdirSync(join(folder, name, ".."), { recursive: true });
      Deno.writeTextFileSync(join(folder, name), text);
    }
    const said: string[] = [];
    const files = await findTestFiles(folder);
    const counts = await runTestFiles(files, {
      jobs: 2,
      env: {},
      say: (line) => said.push(line),
      ...(filter === undefined ? {} : { filter }),
    });
    return { counts, said: said.join("\n"), files: files.length };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("runTestFiles() counts failures, crashes and what is ignored", async () => {
  const { counts, said, files } = await runAll();
  assert.equal(files, 4);
  assert.equal(countLine(counts), "2 passed, 3 failed, 1 skipped");
  const failed = counts.failed.join("\n");
  assert.match(failed, /fails <so>/);
  assert.match(failed, /b_test.ts ended with exit code 1/);
  assert.match(failed, /c_test.ts ended with exit code 137/);
  assert.match(said, /told you/);
  assert.match(said, /absent.ts/);
});

Deno.test("readJunit() reads a report without tests", () => {
  const counts = readJunit('<testsuites name="deno test" tests="0"/>');
  assert.equal(countLine(counts), "0 passed, 0 failed");
});
