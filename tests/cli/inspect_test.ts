import assert from "node:assert/strict";
import { rookery } from "./recorded_output.ts";

const READERS = new URL("../golden/readers/", import.meta.url).pathname;

Deno.test("inspect --json lists tensors, metadata and totals", async () => {
  const { code, out } = await rookery(
    "inspect",
    `${READERS}all.gguf`,
    "--json",
  );
  assert.equal(code, 0);
  const report = JSON.parse(out);
  assert.equal(report.totals.tensors, report.tensors.length);
  assert(report.tensors.length > 3);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const bytes = report.tensors.map((each: { bytes: number }) => each.bytes);
  assert.equal(report.totals.bytes, sum(bytes));
  assert.equal(
    sum(Object.values(report.totals.formats)),
    report.tensors.length,
  );
  assert.equal(typeof report.metadata["general.architecture"], "string");
});

Deno.test("inspect shows every tensor on a line of its own", async () => {
  const path = `${READERS}sharded`;
  const { tensors, totals } = JSON.parse(
    (await rookery("inspect", path, "--json")).out,
  );
  const { code, out } = await rookery("inspect", path);
  assert.equal(code, 0);
  for (const { name, shape, format } of tensors) {
    const line = out.split("\n").find((line) => line.startsWith(`${name} `));
    assert(line?.includes(`[${shape.join(", ")}]`) && line.includes(format));
  }
  assert.match(out, new RegExp(`${totals.parameters} parameters`));
});

Deno.test("inspect refuses a pickle that wants to run code", async () => {
  const { code, out, notes } = await rookery(
    "inspect",
    `${READERS}evil_zip.pt`,
  );
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.match(notes, /evil_zip\.pt/);
});

Deno.test("inspect refuses a file that is no weights file", async () => {
  const { code, notes } = await rookery("inspect", `${READERS}expected.json`);
  assert.equal(code, 1);
  assert.match(notes, /expected\.json.*supported/s);
});
