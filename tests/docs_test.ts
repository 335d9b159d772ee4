import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { builtinPlugins, Misfits } from "../mod.ts";
import { newPlugin, type SkeletonSlot } from "../tools/new_plugin.ts";
import { runDeno } from "../tools/run_deno.ts";
import { rootUrl } from "./architecture/source_files.ts";
import { rookery } from "./cli/recorded_output.ts";

/** A file that a page gives, or commands that it says to run, in order. */
type Step =
  | { readonly file: string; readonly text: string }
  | { readonly commands: readonly string[] };

/** Code blocks of a page: a line "`FILE`:" before one names its file. */
function stepsOf(page: string): Step[] {
  const blocks = page.matchAll(/(?:`([^`\n]+)`:\n\n)?```(\w+)\n(.*?)```/gs);
  return [...blocks].map(([, file, kind, text]) => {
    if (kind === "sh") return { commands: text!.trim().split("\n") };
    assert.ok(file, `a block of ${kind} names no file: ${text!.slice(0, 60)}`);
    return { file, text: text! };
  });
}

/** Does what a page says in a folder; plugins get an import map. */
async function follow(page: string, folder: string): Promise<number> {
  let ran = 0;
  for (const step of stepsOf(page)) {
    if ("file" in step) {
      const path = join(folder, step.file);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, step.text);
      continue;
    }
    for (const command of step.commands) {
      await run(command.split(" "), folder);
      ran++;
    }
  }
  return ran;
}

async function run(words: readonly string[], folder: string): Promise<void> {
  const line = words.join(" ");
  const [, , task, ...rest] = words;
  if (task === "new-plugin") {
    const [name, , slot, , dir] = rest;
    const to = join(folder, dir!);
    await newPlugin({ name: name!, dir: to, slot: slot as SkeletonSlot });
  } else if (line.startsWith("cd ")) {
    const cwd = join(folder, words[1]!);
    const { code, stdout, stderr } = await runDeno(["task", "test"], { cwd });
    assert.equal(code, 0, `${line}: ${stdout}${stderr}`);
  } else {
    assert.equal(task, "rookery", line);
    const args = rest.map((word) =>
      /\.(?:json|ts)$/.test(word) ? join(folder, word) : word
    );
    const { code, notes } = await rookery(...args);
    assert.equal(code, 0, `${line}: ${notes}`);
  }
}

async function inTempDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("docs/add_a_plugin.md leads to a plugin that works", async () => {
  const page = await Deno.readTextFile(rootUrl("docs/add_a_plugin.md"));
  await inTempDir(async (folder) => {
    assert.equal(await follow(page, folder), 4);
  });
});

Deno.test("docs/add_a_model.md leads to a model that works", async () => {
  const page = await Deno.readTextFile(rootUrl("docs/add_a_model.md"));
  await inTempDir(async (folder) => {
    const library = relative(join(folder, "hawk"), rootUrl("mod.ts").pathname);
    const imports = { "@rookery/rookery": library };
    await Deno.mkdir(join(folder, "hawk"));
    const compilerOptions = {
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
    };
    const config = JSON.stringify({ lock: false, imports, compilerOptions });
    await Deno.writeTextFile(join(folder, "hawk", "deno.json"), config);
    assert.equal(await follow(page, folder), 2);
    const cwd = join(folder, "hawk"), args = ["test", "-A", "--quiet"];
    let { code, stdout, stderr } = await runDeno(args, { cwd });
    // The driver, not the test, may end a process so; see tools/run_test_files.ts.
    if (code === 134 && /double free/.test(stderr)) {
      ({ code, stdout, stderr } = await runDeno(args, { cwd }));
    }
    assert.equal(code, 0, stdout + stderr);
  });
});

Deno.test("docs/models.md names every part and every key of its section", async () => {
  const page = await Deno.readTextFile(rootUrl("docs/models.md"));
  for (const part of builtinPlugins().flatMap(({ parts }) => parts)) {
    const misfits = new Misfits();
    part.schema.check({ "?": 0 }, "", misfits);
    const { reason } = misfits.list.find(({ path }) => path === "?")!;
    const [, keys = "none"] = /known are (.+)$/.exec(reason) ?? [];
    const known = keys === "none" ? [] : keys.split(", ");
    for (const name of [part.name, ...known]) {
      assert.ok(page.includes(`\`${name}\``), `${part.name}: no \`${name}\``);
    }
  }
});
