import assert from "node:assert/strict";
import { createDevice } from "../../mod.ts";
import { withFamilyTable } from "../../tools/accuracy.ts";
import { CASES, FAMILIES, keyOf } from "../../tools/accuracy/cases.ts";
import { measureCase } from "../../tools/accuracy/measure_case.ts";
import { plainText } from "../../tools/accuracy/real_text.ts";
import { accuracyDocument, familyTable } from "../../tools/accuracy/report.ts";
import { remembered } from "../../tools/accuracy/remembered.ts";
import { readResults } from "../../tools/accuracy/results.ts";
import { compareTold, joinTold, toldBy } from "../../tools/accuracy/told.ts";
import { WEIGHT_MODES } from "../../tools/accuracy/weight_modes.ts";
import { rootUrl } from "../architecture/source_files.ts";

Deno.test("docs/accuracy.md and README's table are what was measured", async () => {
  const results = await readResults();
  const document = await Deno.readTextFile(rootUrl("docs/accuracy.md"));
  assert.equal(document, accuracyDocument(results));
  const readme = await Deno.readTextFile(rootUrl("README.md"));
  assert.equal(readme, withFamilyTable(readme, familyTable(results)));
  assert.ok(Object.keys(results.devices).length >= 3);
});

Deno.test("every family was measured on every device, within the limits", async () => {
  const { devices } = await readResults();
  for (const { name } of FAMILIES) {
    assert.ok(CASES.some(({ family }) => family === name), name);
  }
  for (const [device, found] of Object.entries(devices)) {
    for (const key of CASES.map(keyOf)) {
      const where = `${key} on ${device}`;
      const { f32, f16 } = found[key] ?? {};
      assert.ok(f32 && f32.maxDifference <= 1e-3, where);
      assert.equal(f32.top1 ?? 1, 1, where);
      assert.ok(f16 === undefined || f16.relative <= 2e-2, where);
    }
  }
});

Deno.test("every format was measured on real text and on captions", async () => {
  const { text, captions } = await readResults();
  const names = WEIGHT_MODES.map(({ name }) => name);
  assert.deepEqual(text.map(({ name }) => name), names);
  assert.deepEqual(captions.map(({ name }) => name), names);
  assert.ok(text.every(({ tokens }) => tokens >= 20_000));
  assert.ok(captions.every(({ tokens }) => tokens >= 2_000));
  for (const { name, top1, deltaNll } of [...text, ...captions]) {
    const limit = name.startsWith("f") ? 0.99 : name === "q8_0" ? 0.97 : 0.6;
    assert.ok(top1 >= limit, `${name}: ${top1}`);
    assert.ok(!name.startsWith("f") || Math.abs(deltaNll) <= 1e-3, name);
  }
});

Deno.test("toldBy() and compareTold() count in nats and in likeliest tokens", () => {
  const [two, even] = [Math.log(2), Math.log(0.5)];
  const first = toldBy(Float32Array.of(9, 9, 0, two, 0, 0), [1, 0], 1);
  assert.deepEqual(first.best, [1, 0]);
  first.nll.forEach((value, i) =>
    assert.ok(Math.abs(value - [Math.log(1.5), two][i]!) < 1e-6)
  );
  const other = toldBy(Float32Array.of(0, even, 0, 0), [1, 0]);
  const found = compareTold("x", joinTold([other]), first);
  assert.equal(found.tokens, 2);
  assert.equal(found.top1, 0.5);
  assert.ok(Math.abs(found.deltaNll - two / 2) < 1e-6);
  assert.ok(Math.abs(found.margin - 1.96 * (two / 2) / Math.SQRT2) < 1e-6);
  assert.equal(compareTold("f32", first, first).deltaNll, 0);
});

Deno.test("remembered() measures once", async () => {
  const before = Deno.cwd(), folder = await Deno.makeTempDir();
  Deno.chdir(folder);
  try {
    let count = 0;
    const measure = () => Promise.resolve({ count: ++count });
    assert.deepEqual(await remembered("a b", measure), { count: 1 });
    assert.deepEqual(await remembered("a b", measure), { count: 1 });
    assert.deepEqual(await remembered("a c", measure), { count: 2 });
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
});

for (const test of CASES) {
  Deno.test(`${keyOf(test)} with halves stays within 2 % of the range`, async () => {
    using device = await createDevice();
    const mode = device.profile.hasF16 ? "f16" : "f32";
    const { relative } = await measureCase(device, test, mode);
    assert.ok(relative <= 2e-2, `${relative}`);
  });
}

Deno.test("plainText() gives tagged words back as prose", () => {
  const tagged = "\tIn/in romance/nn ,/, a/at ``/`` cute/jj ''/'' one/nn ./.\n";
  assert.equal(plainText(tagged), 'In romance, a "cute" one.');
});
