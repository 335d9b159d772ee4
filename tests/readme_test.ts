import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runDeno } from "../tools/run_deno.ts";
import {
  type CodeBlock,
  codeBlocks,
  fileLinks,
  tasksOf,
} from "./architecture/read_markdown.ts";
import { projectFiles, rootUrl } from "./architecture/source_files.ts";

const MAX_README_LINES = 120;
const ROOT = fileURLToPath(rootUrl("."));

async function readRoot(path: string): Promise<string> {
  return await Deno.readTextFile(rootUrl(path));
}

async function readConfig() {
  return JSON.parse(await readRoot("deno.json")) as {
    name: string;
    imports: Record<string, string>;
    compilerOptions: Record<string, boolean>;
    tasks: Record<string, string>;
  };
}

Deno.test("README is short and says both commands", async () => {
  const readme = await readRoot("README.md");
  const lines = readme.trimEnd().split("\n").length;
  assert.ok(lines <= MAX_README_LINES, `README.md has ${lines} lines`);
  for (const command of ["demo", "test"]) {
    assert.match(readme, new RegExp(`npx -y deno@2\\.9\\.6 task ${command}`));
  }
});

Deno.test("README and docs name tasks that exist", async () => {
  const { tasks } = await readConfig();
  for (const path of await markdownFiles()) {
    for (const { name } of tasksOf(await readRoot(path))) {
      assert.ok(
        name in tasks,
        `${path} names task ${name}: deno.json has none`,
      );
    }
  }
  for (const [name, line] of Object.entries(tasks)) {
    const [, script] = /\s((?:[\w.]+\/)+\w+\.(?:ts|py))/.exec(line) ?? [];
    assert.ok(script, `task ${name} runs no script of the project`);
    await Deno.stat(rootUrl(script));
  }
});

Deno.test("README and docs name commands and options that exist", async () => {
  const named = new Map<string, Set<string>>();
  for (const path of await markdownFiles()) {
    for (const { name, words } of tasksOf(await readRoot(path))) {
      const [command = ""] = words;
      if (name !== "rookery" || !/^[a-z]+$/.test(command)) continue;
      const options = named.get(command) ?? new Set();
      for (const word of words) {
        const [option] = /^--[a-z-]+/.exec(word.replace(/^\[/, "")) ?? [];
        if (option) options.add(option);
      }
      named.set(command, options);
    }
  }
  assert.ok(named.size > 0, "README.md names no command");
  for (const [command, options] of named) {
    const args = ["run", "-A", "--no-check", "cli/main.ts", command, "--help"];
    const help = await runDeno(args, { cwd: ROOT });
    assert.equal(help.code, 0, `rookery ${command}: ${help.stderr}`);
    for (const option of options) {
      assert.ok(
        help.stdout.includes(option),
        `rookery ${command} has no option ${option}`,
      );
    }
  }
});

Deno.test("links of Markdown files lead to files", async () => {
  const broken: string[] = [];
  for (const path of await markdownFiles()) {
    for (const target of fileLinks(await readRoot(path))) {
      const found = rootUrl(join(dirname(path), decodeURI(target)));
      await Deno.stat(found).catch(() => broken.push(`${path}: ${target}`));
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("README's programs run, and all snippets fit the types", async () => {
  const { name, imports, compilerOptions } = await readConfig();
  const folder = await Deno.makeTempDir();
  try {
    const programs: string[] = [];
    for (const path of await markdownFiles()) {
      for (const block of codeBlocks(await readRoot(path)).filter(isProgram)) {
        // One file of several: `docs_test.ts` builds them together.
        if (block.code.includes('from "./')) continue;
        const file = `${path.replaceAll(/\W/g, "_")}_${block.line}.ts`;
        await Deno.writeTextFile(join(folder, file), `${block.code}\n`);
        if (path === "README.md") programs.push(file);
      }
    }
    assert.ok(programs.length > 0, "README.md has no program");
    const config = join(folder, "deno.json");
    await Deno.writeTextFile(
      config,
      JSON.stringify({
        imports: { ...imports, [name]: rootUrl("mod.ts").href },
        compilerOptions,
      }),
    );
    const checked = await runDeno(["check", "--quiet", "."], { cwd: folder });
    assert.equal(checked.code, 0, checked.stderr);
    for (const program of programs) {
      const script = join(folder, program);
      const ran = await runDeno(["run", "-A", "-c", config, script], {
        cwd: ROOT, // as its reader would, beside the pictures it names
      });
      assert.equal(ran.code, 0, `${program}: ${ran.stderr}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** `ts` alone is a program or part of one; `ts sketch` is neither. */
function isProgram({ info }: CodeBlock): boolean {
  return info === "ts" || info === "typescript";
}

async function markdownFiles(): Promise<string[]> {
  return (await projectFiles()).filter((path) => path.endsWith(".md"));
}
