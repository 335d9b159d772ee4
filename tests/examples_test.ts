import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runDeno } from "../tools/run_deno.ts";
import { rookery } from "./cli/recorded_output.ts";

const PACKAGE = fileURLToPath(
  new URL("../examples/own_plugin", import.meta.url),
);
const MODEL = ["--model", join(PACKAGE, "model.json")];
const PLUGIN = ["--plugin", join(PACKAGE, "mod.ts")];

Deno.test("own_plugin passes its own tests, as a package of its own", async () => {
  const { code, stdout, stderr } = await runDeno(["test", "-A", "--quiet"], {
    cwd: PACKAGE,
    env: { NO_COLOR: "1" },
  });
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /\d+ passed/);
});

Deno.test("own_plugin imports the published entry point and its own files", async () => {
  for await (const { name } of Deno.readDir(PACKAGE)) {
    if (!name.endsWith(".ts")) continue;
    const source = await Deno.readTextFile(join(PACKAGE, name));
    for (const [, from] of source.matchAll(/ from "(.+)"/g)) {
      assert.match(from!, /^(?:@rookery\/rookery$|node:|\.\/)/, name);
    }
  }
});

Deno.test("own_plugin runs from the command line by --plugin", async () => {
  const picture = "tests/pictures/demo/fluent/1f34e.webp";
  const words = [...MODEL, ...PLUGIN, "--device", "cpu"];
  const said = await rookery("caption", picture, "--json", ...words);
  assert.equal(said.code, 0, said.notes);
  const planned = await rookery("plan", MODEL[1]!, "--json", ...PLUGIN);
  assert.equal(planned.code, 0, planned.notes);
  const { parts } = JSON.parse(planned.out);
  assert.ok(parts.vision.parameters > 0 && parts.resampler.parameters > 0);
  const without = await rookery("plan", MODEL[1]!, "--json");
  assert.equal(without.code, 1);
  assert.match(without.notes, /own\/mixer/);
});

const ROOT = new URL("../", import.meta.url);

for (const { name } of Deno.readDirSync(new URL("examples", ROOT))) {
  if (!name.endsWith(".ts")) continue;
  Deno.test(`examples/${name} runs as its first line says`, async () => {
    const text = await Deno.readTextFile(new URL(`examples/${name}`, ROOT));
    const lines = text.trimEnd().split("\n");
    assert.ok(lines.length <= 40, `${lines.length} lines: at most 40`);
    const said = /^\/\/ .*: deno (run -A examples\/\S+.*)$/.exec(lines[0]!);
    assert.ok(said, "the first line must end in `: deno run -A examples/…`");
    const words = said[1]!.split(" ");
    assert.ok(words.includes(`examples/${name}`));
    const ran = await runDeno(words, { cwd: fileURLToPath(ROOT) });
    assert.equal(ran.code, 0, ran.stderr);
    assert.notEqual(ran.stdout.trim(), "");
  });
}
