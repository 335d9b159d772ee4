import assert from "node:assert/strict";
import { rookery } from "./recorded_output.ts";

Deno.test("devices --json tells what the GPU is and how fast", async () => {
  const { code, out, notes } = await rookery("devices", "--json");
  assert.equal(code, 0, notes);
  const report = JSON.parse(out);
  assert.equal(report.kind, "webgpu");
  assert(report.name.length > 0);
  assert(report.limits.maxStorageBufferBindingSize >= 2 ** 27);
  assert(Array.isArray(report.features));
  assert(report.speed.gemmGflops > 0.1 && report.speed.copyGBs > 0.01);
});

Deno.test("devices explains how to choose another", async () => {
  const words = ["--device", "cpu", "--device-memory", "1GiB"];
  const { code, out } = await rookery("devices", ...words);
  assert.equal(code, 0);
  assert.match(out, /^kind +cpu$/m);
  assert.match(out, /^memory budget +1\.0 GiB$/m);
  assert.match(out, /^features +none$/m);
  for (
    const name of [
      "VK_DRIVER_FILES",
      "VK_LOADER_DRIVERS_SELECT",
      "MESA_VK_DEVICE_SELECT",
      "DENO_WEBGPU_BACKEND",
    ]
  ) assert(out.includes(name));
});

Deno.test("devices refuses a memory budget that is too small", async () => {
  const words = ["--device", "cpu", "--device-memory", "1MiB"];
  const { code, notes } = await rookery("devices", ...words);
  assert.equal(code, 1);
  assert.match(notes, /budget of 1\.0 MiB/);
});
