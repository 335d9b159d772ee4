import assert from "node:assert/strict";
import { createDevice } from "../../mod.ts";
import { withFamilyTable } from "../../tools/accuracy.ts";
import { CASES, FAMILIES, keyOf } from "../../tools/accuracy/cases.ts";
import { measureCase } from "../../tools/accuracy/measure_case.ts";
import { plainText } from "../../tools/accuracy/real_text.ts";
import { accuracyDocument, familyTable } from "../../tools/accuracy/report.ts";
import { readResults } from "../../tools/accuracy/results.ts";
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
