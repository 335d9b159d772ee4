import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { checkPlugin } from "../../plugins/check_plugin.ts";
import { tinyPlugin } from "../support/tiny_plugin.ts";
import { CASES, PATCHES } from "./check_plugin_cases.ts";

for (const plugin of builtinPlugins()) {
  Deno.test(`checkPlugin() finds the plugin ${plugin.name} right`, async () => {
    using device = await createDevice();
    const cases = CASES[plugin.name] ?? [];
    const report = await checkPlugin(plugin, { device, cases });
    report.throwIfFailed();
    assert.ok(report.checks.length >= 5, "too little was checked");
    assert.deepEqual(report.notRun, []);
  });
}

Deno.test("checkPlugin() finds a stranger's plugin right, and says what it left out", async () => {
  const report = await checkPlugin(tinyPlugin(), { cases: [PATCHES] });
  report.throwIfFailed();
  assert.deepEqual(report.failed, []);
  assert.deepEqual(report.notRun, ["test: WebGPU, as no such device is given"]);
  const names = report.checks.map(({ name }) => name);
  assert.ok(names.includes("pictures do not touch each other"));
  assert.ok(names.includes("texts come back as they were"));
});
