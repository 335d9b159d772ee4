import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkPack } from "../tools/pack_check.ts";
import { runDeno } from "../tools/run_deno.ts";
import { rootUrl } from "./architecture/source_files.ts";

const MAX_TARBALL_BYTES = 40 * 1024 * 1024;
const PROGRAM = `
import { assemble, createDevice } from "@rookery/rookery";

using device = await createDevice();
using model = await assemble("rookery-small", { device });
console.log(device.profile.kind, model.image === undefined ? "blind" : "sees");
`;

Deno.test("deno publish finds nothing to complain of", async () => {
  const { code, stderr } = await runDeno(
    ["publish", "--dry-run", "--allow-dirty"],
    { cwd: fileURLToPath(rootUrl(".")), env: { NO_COLOR: "1" } },
  );
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /\bwarning\b/i);
});

Deno.test("deno pack makes a package that assembles its preset", async () => {
  const { said, names, bytes } = await checkPack(PROGRAM);
  assert.equal(said, "webgpu sees");
  assert.ok(names.includes("package/mod.d.ts"), "no types for users");
  assert.ok(bytes <= MAX_TARBALL_BYTES, `the tarball has ${bytes} bytes`);
});
