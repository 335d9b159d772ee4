import assert from "node:assert/strict";
import { GgufValues } from "../../plugins/gguf_values.ts";

const METADATA = {
  "a.count": 3,
  "a.same": Int32Array.of(2, 2),
  "a.other": Int32Array.of(2, 3),
  "a.flag": true,
  "a.kind": "linear",
};

const values = new GgufValues({ path: "m.gguf", metadata: METADATA }, "a.");

Deno.test("GgufValues reads values below a prefix", () => {
  assert.equal(values.number("count"), 3);
  assert.equal(values.number("same"), 2);
  assert.equal(values.number("none"), undefined);
  assert.equal(values.flag("flag"), true);
  assert.equal(values.text("kind"), "linear");
});

Deno.test("GgufValues refuses values of another kind", () => {
  const cases: readonly (readonly [() => unknown, RegExp])[] = [
    [() => values.number("kind"), /a.kind is "linear": it must be a number/],
    [() => values.number("other"), /a.other is .*: it must be a number/],
    [() => values.flag("count"), /a.count is 3: it must be true or false/],
    [() => values.text("flag"), /a.flag is true: it must be a text/],
    [() => values.allow("count", 1, 2), /its a.count is 3: only 1 or 2 can/],
  ];
  for (const [read, message] of cases) assert.throws(read, message);
  values.allow("count", 3);
  values.allow("none", 3);
});
