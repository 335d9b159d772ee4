import assert from "node:assert/strict";
import { MemoryLedger, type RookeryError, showBytes } from "./core.ts";

Deno.test("MemoryLedger books and gives back by kind", () => {
  const ledger = new MemoryLedger(1000);
  ledger.take("weights", 600, "w");
  ledger.take("states", 300, "s");
  ledger.give("weights", 600);
  assert.equal(ledger.heldBytes, 300);
  assert.deepEqual(ledger.heldByKind, { weights: 0, states: 300 });
});

Deno.test("MemoryLedger refuses what passes the budget and books nothing", () => {
  const ledger = new MemoryLedger(1024);
  ledger.take("weights", 1000, "w");
  assert.throws(
    () => ledger.take("states", 100, "kv0"),
    (error: RookeryError) =>
      error.code === "memory" && error.details.actual === 100 &&
      /100 B for kv0 .* 24 B of the budget of 1.0 KiB/.test(error.message),
  );
  assert.equal(ledger.heldBytes, 1000);
});

Deno.test("showBytes() picks the unit", () => {
  const shown = [0, 12, 1024, 1.5 * 2 ** 20, 3 * 2 ** 30].map(showBytes);
  assert.deepEqual(shown, ["0 B", "12 B", "1.0 KiB", "1.5 MiB", "3.0 GiB"]);
});
