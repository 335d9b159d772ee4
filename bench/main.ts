/**
 * `deno task bench`: speeds of this commit on this device, as a table on
 * stdout or, with `--json`, as `{device, rows}`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { createDevice } from "../core/create_device.ts";
import type { DeviceOptions } from "../core/create_device.ts";
import { benchMatmul } from "./matmul_bench.ts";
import { benchLanguageModel } from "./language_model_bench.ts";
import type { BenchRow } from "./row.ts";
import { showTable } from "./row.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    device: { type: "string", default: "auto" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(
    "deno task bench [--json] [--device auto|high-performance|low-power]\n\n" +
      "Measures matmul f32 1024³, and prefill and decode of the default " +
      "language model.",
  );
} else await main();

async function main(): Promise<void> {
  const choice = values.device as NonNullable<DeviceOptions["device"]>;
  using device = await createDevice({ device: choice });
  const rows: BenchRow[] = [];
  rows.push(await benchMatmul(device, 1024));
  rows.push(...await benchLanguageModel(device));
  const { name } = device.profile;
  console.log(
    values.json
      ? JSON.stringify({ device: name, rows })
      : showTable(name, rows),
  );
}
