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
import {
  benchForward,
  type ForwardResult,
  showForward,
} from "./forward_80b_bench.ts";
import { compareMain } from "./compare/main.ts";
import type { BenchRow } from "./row.ts";
import { showTable } from "./row.ts";

/** Benches with others, which take options of their own. */
const MODES = ["compare", "against"];
if (MODES.includes(Deno.args[0] ?? "")) Deno.exit(await compareMain(Deno.args));

const { values, positionals } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    device: { type: "string", default: "auto" },
    help: { type: "boolean", default: false },
    model: { type: "string", multiple: true },
  },
  allowPositionals: true,
});

/** A bench with a device and a report of its own. */
const FORWARD = "80b";
const FORWARD_MODELS = ["flamingo-80b", "idefics-80b"];

const unknown = positionals.filter((name) =>
  name !== FORWARD && !BENCHES.some((bench) => bench.name === name)
);
if (values.help) console.log(help());
else if (unknown.length > 0) {
  console.error(`Cannot run bench ${unknown.join(", ")}: known are ${names()}`);
  Deno.exit(2);
} else if (positionals.includes(FORWARD)) {
  await forwardMain(values.model ?? FORWARD_MODELS);
} else await main();

/** One forward pass of each model; the table on stderr with `--json`. */
async function forwardMain(models: readonly string[]): Promise<void> {
  const forward: ForwardResult[] = [];
  for (const model of models) {
    const result = await benchForward(model);
    forward.push(result);
    if (values.json) console.error(showForward(result));
    else console.log(showForward(result));
  }
  if (values.json) console.log(JSON.stringify({ forward }));
}

function names(): string {
  return [...BENCHES.map(({ name }) => name), FORWARD].join(", ");
}

function help(): string {
  const width = Math.max(...BENCHES.map(({ name }) => name.length));
  return [
    "deno task bench [NAME…] [--json] [--device auto|high-performance|low-power]",
    `                [${FORWARD} [--model PRESET]…]`,
    "deno task bench compare|against … (see deno task bench compare --help)",
    "",
    `  ${
      FORWARD.padEnd(width)
    }  one forward pass of 8 tokens and 2 pictures, ` +
    `made-up weights, streamed layers: ${FORWARD_MODELS.join(" and ")}`,
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
