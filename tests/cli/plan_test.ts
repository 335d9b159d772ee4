import assert from "node:assert/strict";
import { join } from "node:path";
import { checkSvg } from "./check_svg.ts";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

Deno.test("plan --json writes one object with the plan's keys", async () => {
  const words = ["plan", "openflamingo-3b", "--json", "--device", "none"];
  const { code, out, notes } = await rookery(...words);
  assert.equal(code, 0, notes);
  const plan = JSON.parse(out);
  assert.equal(plan.parts.vision.parameters, 303_179_776);
  assert.deepEqual(
    Object.keys(plan.parts),
    ["vision", "resampler", "crossAttention", "language"],
  );
  assert.equal(plan.trainable, 63_019_008 + 881_000_496);
  assert.equal(plan.device.name, null);
  assert.equal(out.trim().split("\n").length, 1);
});

Deno.test("plan asks a device, and takes its memory from --device-memory", async () => {
  const words = ["plan", "idefics-9b", "--device-memory", "10GiB", "--json"];
  const { code, out, notes } = await rookery(...words);
  assert.equal(code, 0, notes);
  const { device } = JSON.parse(out);
  assert.equal(device.memoryBytes, 10 * 2 ** 30);
  assert.deepEqual(
    device.fits,
    { f32: false, f16: false, int8: true, int4: true },
  );
  assert.equal(device.why.length, 2);
});

Deno.test("plan writes a table that people read", async () => {
  const words = [
    "plan",
    "flamingo-9b",
    "--device",
    "cpu",
    "--device-memory",
    "1GiB",
  ];
  const { code, out } = await rookery(...words);
  assert.equal(code, 0);
  assert.match(out, /^flamingo-9b\nThe Flamingo paper's weights were never/);
  assert.match(out, /^vision +nfnet\/encoder +435,286,116 +435M .* frozen$/m);
  assert.match(out, /^total +9,356,876,404 +9\.36B /m);
  assert.match(out, /^keys and values +1\.0 MiB a token$/m);
  assert.match(out, /^work +304 GFLOP a picture$/m);
  assert.match(out, /f32 does not fit, .* int4 does not fit/);
  // Numbers end in one column.
  const ends = out.split("\n").filter((line) => / (frozen|trained)$/.test(line))
    .map((line) => /\d,\d{3} /.exec(line)!.index);
  assert.equal(new Set(ends).size, 1);
});

Deno.test("plan reads configs and plugins of a user's own", async () => {
  await using folder = await tinyFolder();
  const [, config, ...plugin] = folder.model;
  const { code, out, notes } = await rookery(
    "plan",
    config!,
    ...plugin,
    "--json",
    "--device",
    "none",
  );
  assert.equal(code, 0, notes);
  const { name, parts, total } = JSON.parse(out);
  assert.equal(name, "tiny");
  const counts = Object.values(parts as Record<string, { parameters: number }>)
    .map(({ parameters }) => parameters);
  assert.equal(total, counts.reduce((a, b) => a + b, 0));
});

Deno.test("plan --svg draws each layer, and equal ones once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const draw = async (preset: string) => {
      const path = join(folder, `${preset}.svg`);
      const words = ["plan", preset, "--device", "none", "--svg", path];
      const { code, notes } = await rookery(...words);
      assert.equal(code, 0, notes);
      return await Deno.readTextFile(path);
    };
    const count = (svg: string, text: RegExp) => [...svg.matchAll(text)].length;
    const small = await draw("openflamingo-9b");
    assert.equal(count(small, />layer \d+</g), 32);
    assert.equal(count(small, />gated block</g), 8);
    const large = await draw("flamingo-80b");
    assert.equal(count(large, />layer \d+</g), 12);
    assert.equal(count(large, />layers \d+ – \d+</g), 12);
    assert.equal(count(large, />× 6</g), 11);
    assert.equal(count(large, />gated block</g), 12);
    for (const svg of [small, large]) {
      checkSvg(svg);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("plan names what it cannot find or write", async () => {
  const unknown = await rookery("plan", "flamingo-9");
  assert.equal(unknown.code, 1);
  assert.match(unknown.notes, /Cannot find model "flamingo-9".*"flamingo-9b"/);
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "missing", "x.svg");
    const words = ["plan", "idefics-9b", "--device", "none", "--svg", path];
    const { code, notes } = await rookery(...words);
    assert.equal(code, 1);
    assert(notes.includes(`Cannot write ${path}`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("plan --forward predicts time and bytes", async () => {
  const words = ["plan", "rookery-small", "--forward", "8x2"];
  const said = await rookery(...words, "--json");
  assert.equal(said.code, 0, said.notes);
  const { forward } = JSON.parse(said.out);
  assert.equal(forward.tokens, 8);
  assert.equal(forward.pictures, 2);
  assert.ok(forward.seconds > 0 && forward.bytes.moved > 0);
  const { resident, staging, caches, values, total } = forward.bytes;
  assert.equal(resident + staging + caches + values, total);
  const bad = await rookery("plan", "rookery-small", "--forward", "8");
  assert.equal(bad.code, 2);
  assert.match(bad.notes, /8x2/);
  const none = await rookery(...words, "--device", "none");
  assert.equal(none.code, 2);
  assert.match(none.notes, /no device/);
});
