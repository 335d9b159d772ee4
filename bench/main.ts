/**
 * `deno task bench [NAME…]`: speeds of this commit on this device, as a table
 * on stdout or, with `--json`, as `{device, rows}`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { createDevice } from "../core/create_device.ts";
import type { DeviceOptions } from "../core/create_device.ts";
import { BENCHES } from "./benches.ts";
import type { BenchRow } from "./row.ts";
import { showTable } from "./row.ts";

const { values, positionals } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    device: { type: "string", default: "auto" },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

const unknown = positionals.filter((name) =>
  !BENCHES.some((bench) => bench.name === name)
);
if (values.help) console.log(help());
else if (unknown.length > 0) {
  console.error(`Cannot run bench ${unknown.join(", ")}: known are ${names()}`);
  Deno.exit(2);
} else await main();

function names(): string {
  return BENCHES.map(({ name }) => name).join(", ");
}

function help(): string {
  const width = Math.max(...BENCHES.map(({ name }) => name.length));
  return [
    "deno task bench [NAME…] [--json] [--device auto|high-performance|low-power]",
    "",
    ...BENCHES.map(({ name, help, isDefault }) =>
      `  ${name.padEnd(width)}  ${help}${isDefault ? " (default)" : ""}`
    ),
  ].join("\n");
}

async function main(): Promise<void> {
  const chosen = BENCHES.filter(({ name, isDefault }) =>
    positionals.length === 0 ? isDefault : positionals.includes(name)
  );
  const choice = values.device as NonNullable<DeviceOptions["device"]>;
  using device = await createDevice({ device: choice });
  const rows: BenchRow[] = [];
  for (const bench of chosen) rows.push(...await bench.run(device));
  const { name } = device.profile;
  console.log(
    values.json
      ? JSON.stringify({ device: name, rows })
      : showTable(name, rows),
  );
}
