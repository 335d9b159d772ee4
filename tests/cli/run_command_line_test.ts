import assert from "node:assert/strict";
import { defineCommand } from "../../cli/command.ts";
import { COMMANDS } from "../../cli/main.ts";
import { optionName } from "../../cli/command.ts";
import { runCommandLine } from "../../cli/run_command_line.ts";
import { RookeryError } from "../../mod.ts";
import { recordOutput, rookery } from "./recorded_output.ts";

/** A command that throws. */
function failing(error: unknown) {
  return defineCommand({
    name: "fail",
    summary: "Fail",
    options: {},
    examples: [],
    run: () => Promise.reject(error),
  });
}

Deno.test("the program lists its commands", async () => {
  for (const words of [["--help"], ["-h"], ["help"]]) {
    const { code, out, notes } = await rookery(...words);
    assert.equal(code, 0);
    assert.equal(notes, "");
    for (const { name, summary } of COMMANDS) {
      assert.match(
        out,
        new RegExp(`^  ${name} +${RegExp.escape(summary)}$`, "m"),
      );
    }
  }
});

Deno.test("the program without a command is wrong usage", async () => {
  const { code, out, notes } = await rookery();
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.match(notes, /^Usage/);
});

Deno.test("every command explains each of its options", async () => {
  for (const { name, options, examples } of COMMANDS) {
    const { code, out } = await rookery(name, "--help");
    assert.equal(code, 0);
    assert.equal(out, (await rookery("help", name)).out);
    for (const [key, { help }] of Object.entries(options)) {
      assert(out.includes(`--${optionName(key)}`) && out.includes(help));
    }
    assert(examples.length > 0);
    for (const example of examples) assert(example.startsWith(name));
  }
});

Deno.test("every command has --json", () => {
  for (const { options } of COMMANDS) assert.equal(options.json?.type, "flag");
});

Deno.test("an unknown command is wrong usage and names the nearest", async () => {
  const { code, out, notes } = await rookery("captoin", "a.png");
  assert.equal(code, 2);
  assert.equal(out, "");
  assert.match(notes, /"captoin".*"caption"/);
});

Deno.test("an unknown option is wrong usage", async () => {
  const { code, notes } = await rookery("inspect", "x", "--jsn");
  assert.equal(code, 2);
  assert.match(notes, /--jsn .*--json/);
});

Deno.test("errors thrown on purpose go without their stack", async () => {
  const output = recordOutput();
  const error = new RookeryError("file", "Cannot read x as it is gone");
  assert.equal(await runCommandLine(["fail"], [failing(error)], output), 1);
  assert.equal(output.notes, "Cannot read x as it is gone\n");
  assert.equal(output.out, "");
});

Deno.test("other errors keep their stack", async () => {
  const output = recordOutput();
  const error = new TypeError("x is undefined");
  assert.equal(await runCommandLine(["fail"], [failing(error)], output), 1);
  assert.match(output.notes, /Unexpected failure.*x is undefined\n +at /s);
});

Deno.test("the program's process ends with the exit code", async () => {
  const run = async (...words: string[]) => {
    const main = new URL("../../cli/main.ts", import.meta.url).pathname;
    const args = ["run", "-A", "--no-check", "--quiet", main, ...words];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
    }).output();
    const text = new TextDecoder();
    return { code, out: text.decode(stdout), notes: text.decode(stderr) };
  };
  const failed = await run("inspect", "no-such-file.gguf");
  assert.equal(failed.code, 1);
  assert.equal(failed.out, "");
  assert.match(failed.notes, /^Cannot read no-such-file\.gguf/);
  assert(!failed.notes.includes("    at "));
  assert.equal((await run("inspect")).code, 2);
  assert.equal((await run("help")).code, 0);
});
