import assert from "node:assert/strict";
import { type Command, defineCommand } from "../../cli/command.ts";
import { parseArguments } from "../../cli/parse_arguments.ts";
import { RookeryError } from "../../mod.ts";

const command: Command = defineCommand({
  name: "paint",
  summary: "Paint pictures",
  positional: { name: "IMAGE", help: "a picture", isList: true },
  options: {
    colour: {
      type: "text",
      help: "Colour",
      choices: ["red", "green"],
      default: "red",
    },
    maxStrokes: { type: "integer", help: "Strokes" },
    width: { type: "number", alias: "w", help: "Width" },
    memory: { type: "size", help: "Memory" },
    avoid: { type: "texts", help: "Things to avoid" },
    json: { type: "flag", help: "JSON" },
  },
  examples: [],
  run: () => Promise.resolve(0),
});

function parse(...words: string[]): Record<string, unknown> {
  const { positionals, options } = parseArguments(command, words);
  return { positionals, ...options };
}

function assertUsage(words: string[], message: RegExp): void {
  assert.throws(() => parse(...words), (error) => {
    assert(error instanceof RookeryError);
    assert.equal(error.code, "usage");
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("parseArguments() gives typed values and defaults", () => {
  assert.deepEqual(parse("a.png"), {
    positionals: ["a.png"],
    colour: "red",
    maxStrokes: undefined,
    width: undefined,
    memory: undefined,
    avoid: [],
    json: false,
  });
  assert.deepEqual(
    parse(
      ..."a.png --max-strokes 3 --width=-0.5 b.png --avoid x --json".split(" "),
      ..."--avoid=--y --colour green --memory 1.5GiB".split(" "),
    ),
    {
      positionals: ["a.png", "b.png"],
      colour: "green",
      maxStrokes: 3,
      width: -0.5,
      memory: 1.5 * 2 ** 30,
      avoid: ["x", "--y"],
      json: true,
    },
  );
});

Deno.test("parseArguments() takes all words after -- as they are", () => {
  assert.deepEqual(parse("--json", "--", "--width", "-x").positionals, [
    "--width",
    "-x",
  ]);
});

Deno.test("parseArguments() takes plain bytes and - as a name", () => {
  assert.deepEqual(parse("-", "--memory", "4096").positionals, ["-"]);
  assert.equal(parse("-", "--memory", "4096").memory, 4096);
});

Deno.test("parseArguments() names the nearest option", () => {
  assertUsage(["a", "--max-stroke=3"], /--max-stroke as paint .*--max-strokes/);
  assertUsage(["a", "--wdith", "3"], /"?--width/);
  assertUsage(["a", "-j"], /Cannot use -j/);
});

Deno.test("parseArguments() refuses values that break an option's rule", () => {
  assertUsage(["a", "--colour", "gren"], /"gren".*red, green.*"green"/);
  assertUsage(["a", "--max-strokes", "1.5"], /"1\.5".*whole number/);
  assertUsage(["a", "--width", "wide"], /"wide".*a number/);
  assertUsage(["a", "--width="], /"".*a number/);
  assertUsage(["a", "--memory", "2GB"], /"2GB".*GiB/);
  assertUsage(["a", "--memory", "0"], /"0"/);
  assertUsage(["a", "--json=yes"], /--json "yes".*no value/);
});

Deno.test("parseArguments() refuses missing and repeated values", () => {
  assertUsage(["a", "--width"], /--width without a value/);
  assertUsage(["a", "--width", "--json"], /--width without a value/);
  assertUsage(["a", "--width", "1", "--width", "2"], /--width twice/);
});

Deno.test("parseArguments() takes an option by its other name, not by both", () => {
  assert.equal(parse("a", "--w", "3").width, 3);
  assertUsage(
    ["a", "--w=3", "--width=3"],
    /--width twice: .*--width and --w are one option/,
  );
});

Deno.test("parseArguments() wants as many words as a command says", () => {
  const pair = { name: "IN OUT", help: "two files", count: 2 };
  const two = { ...command, positional: pair };
  assert.deepEqual(parseArguments(two, ["a", "b"]).positionals, ["a", "b"]);
  assert.throws(() => parseArguments(two, ["a"]), /1 of IN OUT: 2 are needed/);
  assert.throws(() => parseArguments(two, ["a", "b", "c"]), /3 of IN OUT/);
});

Deno.test("parseArguments() checks what stands without --", () => {
  assertUsage([], /without IMAGE: a picture/);
  const { positional: _, ...rest } = command;
  assert.throws(() => parseArguments(rest, ["x"]), /"x".*options only/);
  const single = { ...command, positional: { name: "FILE", help: "a file" } };
  assert.throws(() => parseArguments(single, ["a", "b"]), /"b".*one FILE/);
});

Deno.test("parseArguments() demands required options", () => {
  const strict: Command = {
    ...command,
    options: { out: { type: "text", help: "Out", isRequired: true } },
  };
  assert.throws(() => parseArguments(strict, ["a"]), /without --out/);
});
