import assert from "node:assert/strict";
import { join } from "node:path";
import { DEVICE_OPTIONS } from "../../cli/model_options.ts";
import { COMMANDS } from "../../cli/main.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { type Ran, rookery } from "./recorded_output.ts";

const MODEL = new URL("../golden/models/llama_tied/", import.meta.url).pathname;
const INPUTS = join(MODEL, "inputs.safetensors");

async function inFolder(work: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function logits(out: string, ...words: string[]): Promise<Ran> {
  const files = ["--model", MODEL, "--out", out];
  return await rookery("logits", ...files, ...words);
}

for (const device of ["auto", "cpu"]) {
  Deno.test(`--profile writes a trace and a table on ${device}`, () =>
    inFolder(async (folder) => {
      const words = ["--inputs", INPUTS, "--device", device, "--json"];
      const plain = join(folder, "plain"), watched = join(folder, "watched");
      const path = join(folder, "trace.json");
      const without = await logits(plain, ...words);
      const ran = await logits(watched, ...words, "--profile", path);
      assert.equal(ran.code, 0, ran.notes);
      assert.equal(
        ran.out.replace(watched, plain),
        without.out,
        "results stay as they are on stdout",
      );
      assert.deepEqual(
        (await readSafetensors(watched)).get("logits"),
        (await readSafetensors(plain)).get("logits"),
      );
      const trace = JSON.parse(await Deno.readTextFile(path));
      const { rows, peaks, wallMs, deviceMs } = trace.rookery;
      assert.ok(peaks.gemmGflops > 0 && peaks.copyGBs > 0);
      assert.ok(deviceMs > 0 && deviceMs <= 1.2 * wallMs);
      assert.ok(rows.some(({ gflops }: { gflops: number }) => gflops > 0));
      assert.ok(rows.every(({ peak }: { peak?: unknown }) => peak));
      const tracks = trace.traceEvents
        .filter(({ name }: { name: string }) => name === "thread_name")
        .map(({ args }: { args: { name: string } }) => args.name);
      assert.equal(tracks[0], "host");
      assert.match(tracks[1], /^device: /);
      for (const text of ["method: ", "peaks: ", "GFLOP/s", "total of", path]) {
        assert.ok(ran.notes.includes(text), `${text} is not in the table`);
      }
      assert.match(ran.notes, /load \S* +\d+×/);
    }));
}

Deno.test("--profile refuses a name that viewers do not open", async () => {
  const { code, notes } = await logits("out", "--profile", "trace.txt");
  assert.equal(code, 2);
  assert.match(notes, /trace\.txt .*ends in \.json/);
});

Deno.test("--profile refuses a folder that is not there before the model is looked for", async () => {
  const words = ["--model", "/no/model", "--text", "a"];
  const path = "/no/folder/trace.json";
  const { code, notes } = await rookery(
    ...["generate", ...words, "--profile", path],
  );
  assert.equal(code, 1);
  assert.match(notes, /Cannot write the profile \/no\/folder\/trace\.json/);
});

Deno.test("--profile leaves no file of a command that failed, and spares one that was there", () =>
  inFolder(async (folder) => {
    const [fresh, old] = [join(folder, "new.json"), join(folder, "old.json")];
    await Deno.writeTextFile(old, "kept");
    for (const path of [fresh, old]) {
      const words = ["--inputs", "/no/file", "--profile", path];
      const { code, notes } = await logits("out", ...words);
      assert.equal(code, 1, notes);
    }
    await assert.rejects(Deno.stat(fresh), Deno.errors.NotFound);
    assert.equal(await Deno.readTextFile(old), "kept");
  }));

Deno.test("every command that runs something on a device has --profile", () => {
  const runs = COMMANDS.filter(({ options }) => "device" in options)
    .map(({ name, options }) => [name, options.profile]);
  const asking = ["plan", "graph"]; // look at the device and run nothing
  for (const [name, option] of runs) {
    const expected = asking.includes(name as string)
      ? undefined
      : DEVICE_OPTIONS.profile;
    assert.equal(option, expected, `${name}`);
  }
  assert.ok(runs.length > 6);
});
