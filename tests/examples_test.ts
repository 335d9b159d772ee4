import assert from "node:assert/strict";
import { createDevice } from "../mod.ts";
import { logitChanges, meanPool } from "../examples/own_plugin.ts";

for (const name of ["cpu", "auto"] as const) {
  Deno.test(`own_plugin: a picture is seen through the part on ${name}`, async () => {
    using device = await createDevice({ device: name });
    const { before, after } = await logitChanges(device);
    assert.equal(before, 0);
    assert.ok(after > 1e-3, `the logits change by ${after}`);
  });
}

Deno.test("own_plugin imports the front door only", async () => {
  const source = await Deno.readTextFile(
    new URL("../examples/own_plugin.ts", import.meta.url),
  );
  const imports = [...source.matchAll(/from "(.+)"/g)].map(([, path]) => path);
  assert.deepEqual(imports, ["../mod.ts"]);
  assert.equal(meanPool().parts.length, 1);
});
