import assert from "node:assert/strict";
import { extname } from "node:path";
import {
  clientViolations,
  dependencyViolations,
  docViolations,
  importCycles,
  layerViolations,
  pluginViolations,
  sizeViolations,
  workshopViolations,
} from "./architecture/rules.ts";
import {
  parseSource,
  projectFiles,
  rootUrl,
  sourceFiles,
} from "./architecture/source_files.ts";

/** Files that may have up to 400 lines, each with its reason. */
const LONG_FILES: Record<string, string> = {};
const GOLDEN_LIMIT_BYTES = 20 * 1024 * 1024;
const TEXT_FILES = new Set(
  [".ts", ".js", ".py", ".md", ".json", ".jsonl", ".sh", ".yml", ".toml", ""],
);

const files = await sourceFiles();

async function readConfig() {
  return JSON.parse(await Deno.readTextFile(rootUrl("deno.json"))) as {
    exports: Record<string, string>;
    imports: Record<string, string>;
  };
}

function assertNone(violations: readonly string[]): void {
  assert.equal(violations.length, 0, violations.join("\n"));
}

function made(sources: Record<string, string>) {
  return Object.entries(sources).map(([path, text]) => parseSource(path, text));
}

Deno.test("layers: imports point down", () => {
  assertNone(layerViolations(files));
  const bad = made({ "core/a.ts": 'import type { B } from "../ops/b.ts";' });
  assert.match(layerViolations(bad).join(), /core\/a.ts imports .*point down/);
});

Deno.test("layers: cli, serve and examples use the entry points", async () => {
  const entries = Object.values((await readConfig()).exports)
    .map((path) => path.replace("./", ""));
  for (const entry of entries) await Deno.stat(rootUrl(entry));
  assertNone(clientViolations(files, entries));
  const bad = made({
    "cli/a.ts": 'import { b } from "../core/b.ts"; import("./c.ts");',
    "examples/e.ts": 'export * from "./own.ts";',
  });
  assert.equal(clientViolations(bad, entries).length, 2);
});

Deno.test("layers: shipped code needs no tests and no tools", () => {
  assertNone(workshopViolations(files));
  const bad = made({ "cli/a.ts": 'import "../tools/b.ts";' });
  assert.equal(workshopViolations(bad).length, 1);
});

Deno.test("dependencies: named in deno.json, none below plugins/", async () => {
  assertNone(dependencyViolations(files));
  const bad = made({
    "ops/a.ts": 'import { b } from "node:path";',
    "cli/a.ts": 'import {\n  c,\n} from "npm:c@1";',
  });
  assert.equal(dependencyViolations(bad).length, 2);
  for (const [name, target] of Object.entries((await readConfig()).imports)) {
    assert.match(target, /^npm:.+@\d+\.\d+\.\d+\/?$/, `${name} is not pinned`);
  }
});

Deno.test("plugins: a built-in one sees no other one", () => {
  assertNone(pluginViolations(files));
  const bad = made({
    "plugins/a/plugin.ts": 'import "../b/plugin.ts"; import "../shared.ts";',
    "plugins/a/c.ts": 'import "../all.ts";\nimport "../b/d.ts";',
    "plugins/b/plugin.ts": "",
    "plugins/all.ts": 'import "./a/plugin.ts";',
  });
  assert.equal(pluginViolations(bad).length, 3);
});

Deno.test("imports: no cycle, types included", () => {
  assertNone(importCycles(files));
  const bad = made({
    "a.ts": 'import type { B } from "./b.ts";',
    "b.ts": 'export { c } from "./c.ts";',
    "c.ts": 'import "./a.ts";',
  });
  assert.deepEqual(importCycles(bad), ["a.ts → b.ts → c.ts → a.ts: a cycle"]);
});

Deno.test("sizes: at most 300 lines a file", () => {
  assertNone(sizeViolations(files, LONG_FILES));
  const long = made({ "core/a.ts": "\n".repeat(301) });
  assert.equal(sizeViolations(long, {}).length, 1);
  assert.equal(sizeViolations(long, { "core/a.ts": "a table" }).length, 0);
});

Deno.test("docs: every export of shipped code has a comment", () => {
  assertNone(docViolations(files));
  const bad = made({ "core/a.ts": "/** Fine. */\nexport const a = 1;\n\n" });
  assert.equal(docViolations(bad).length, 0);
  const worse = made({ "core/a.ts": "\nexport async function a() {}" });
  assert.match(docViolations(worse).join(), /core\/a.ts:2 exports a without/);
});

Deno.test("ops: each has its test and golden data", async () => {
  const paths = new Set(await projectFiles());
  const missing: string[] = [];
  let count = 0;
  for (const { path } of files) {
    if (!path.startsWith("ops/")) continue;
    for (const name of await opsOf(path)) {
      count++;
      const test = `tests/${path.replace(/\.ts$/, "_test.ts")}`;
      const golden = `tests/golden/ops/${name}.json`;
      for (const needed of [test, golden]) {
        if (!paths.has(needed)) {
          missing.push(`${path}: ${name} needs ${needed}`);
        }
      }
    }
  }
  assert.ok(count > 30, `only ${count} ops were found`);
  assertNone(missing);
});

/** Names of the ops that a file defines; files of shared rules have none. */
async function opsOf(path: string): Promise<string[]> {
  if (path.endsWith("/mod.ts")) return []; // re-exports only
  const exported = await import(rootUrl(path).href) as Record<string, unknown>;
  return Object.values(exported).filter((value) =>
    typeof value === "function" && "infer" in value && "cpu" in value
  ).map((op) => (op as { name: string }).name);
}

Deno.test("golden data: at most 20 MiB in all", async () => {
  let bytes = 0;
  for (const path of await projectFiles()) {
    if (!path.startsWith("tests/golden/")) continue;
    bytes += (await Deno.stat(rootUrl(path))).size;
  }
  assert.ok(bytes <= GOLDEN_LIMIT_BYTES, `tests/golden has ${bytes} bytes`);
});

Deno.test("text: no path of one machine and no registry's host", async () => {
  // Put together here, so that this file has none either.
  const folders = ["root", "home", "work", "Users"].join("|");
  const hosts = [
    ["registry", "npmjs", "org"],
    ["pypi", "org"],
    ["pythonhosted", "org"],
    ["deb", "debian", "org"],
    ["npm", "jsr", "io"],
  ].map((parts) => parts.join("\\.")).join("|");
  const path = new RegExp(`(?<![\\w.~/})*-])/(?:${folders})/\\w`);
  const host = new RegExp(hosts);
  const found: string[] = [];
  for (const file of await projectFiles()) {
    if (!TEXT_FILES.has(extname(file))) continue;
    const lines = (await Deno.readTextFile(rootUrl(file))).split("\n");
    lines.forEach((line, i) => {
      const hit = path.exec(line) ?? host.exec(line);
      if (hit) found.push(`${file}:${i + 1} has "${hit[0]}"`);
    });
  }
  assertNone(found);
});
