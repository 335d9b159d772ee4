import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newPlugin } from "../../tools/new_plugin.ts";
import { runDeno } from "../../tools/run_deno.ts";
import { rootUrl } from "../architecture/source_files.ts";

async function inTempDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function mustWork(args: readonly string[], cwd: string): Promise<void> {
  const { code, stdout, stderr } = await runDeno(args, { cwd });
  assert.equal(code, 0, `deno ${args.join(" ")}: ${stdout}${stderr}`);
}

for (const slot of ["vision", "resampler", "language", "tokenizer"] as const) {
  Deno.test(`newPlugin() writes a ${slot} plugin whose test passes`, async () => {
    await inTempDir(async (temp) => {
      const dir = join(temp, "my_part2");
      const files = await newPlugin({ name: "my_part2", dir, slot });
      for (const file of ["deno.json", "README.md", "mod.ts", "my_part2.ts"]) {
        assert.ok(files.includes(file), `no ${file} among ${files}`);
      }
      for (
        const file of files.filter((file) => file !== "weights.safetensors")
      ) {
        const text = await Deno.readTextFile(join(dir, file));
        assert.doesNotMatch(text, /sketch.?name/i, file);
      }
      await mustWork(["fmt", "--check"], dir);
      await mustWork(["lint", "--quiet"], dir);
      await mustWork(["check", "--quiet", "."], dir);
      await mustWork(["test", "-A", "--no-check"], dir);
    });
  });
}

Deno.test("newPlugin() overwrites nothing", async () => {
  await inTempDir(async (dir) => {
    await Deno.writeTextFile(join(dir, "mine.txt"), "mine");
    await assert.rejects(
      newPlugin({ name: "other", dir, slot: "vision" }),
      /there is something already: nothing is overwritten, .* --dir/,
    );
    assert.deepEqual(
      (await Array.fromAsync(Deno.readDir(dir))).map(({ name }) => name),
      ["mine.txt"],
    );
  });
});

Deno.test("newPlugin() refuses names that cannot be", async () => {
  const faults: [name: string, why: RegExp][] = [
    ["My-Part", /"My-Part" as it must begin with a small letter/],
    ["2nd", /must begin with a small letter/],
    ["a/b", /small letters, digits and _ only/],
    ["clip", /the library has a plugin of this name/],
    ["x".repeat(41), /41 letters: 40 are the most/],
  ];
  for (const [name, why] of faults) {
    const plugin = newPlugin({ name, dir: "never_made", slot: "vision" });
    await assert.rejects(plugin, why);
  }
});

Deno.test("new-plugin refuses slots that have no skeleton, with the nearest", async () => {
  const script = fileURLToPath(rootUrl("tools/new_plugin.ts"));
  const args = ["run", "-A", "--no-check", script];
  const wrong = await runDeno([...args, "mine", "--slot", "visoin"]);
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /slot "visoin" \(did you mean "vision"\?\)|vision/,
  );
  const nameless = await runDeno(args);
  assert.equal(nameless.code, 2);
  assert.match(nameless.stderr, /write deno task new-plugin NAME/);
});
