/**
 * `deno task bench compare` and `deno task bench against COMMIT` at the shell:
 * rows as they come, then classes and targets; JSON and a chart where asked.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { compareAll } from "./compare.ts";
import { PEERS } from "./peers.ts";
import { ratioChart, showRow, showSummary } from "./show_rows.ts";
import { checkTargets, classRatios } from "./targets.ts";

const HELP = `deno task bench compare [--only TEXT] [--peers NAME,NAME…]
deno task bench against COMMIT [--only TEXT]
                [--minutes N] [--json FILE] [--svg FILE]

Every workload through Rookery and the others in turns, on one device and in
one run; results are compared before they are timed. Peers are installed into
the cache: ${PEERS.map(({ name }) => name).join(", ")}.
  --only TEXT     workloads whose name holds TEXT
  --peers NAMES   some of the peers
  --minutes N     fewer repetitions where it would take longer (default 45)
  --json FILE     rows, classes and targets
  --svg FILE      chart of the ratios`;

/** Runs one of the two; answers the exit code. */
export async function compareMain(args: readonly string[]): Promise<number> {
  const { values, positionals: [mode, commit, ...more] } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      peers: { type: "string" },
      minutes: { type: "string", default: "45" },
      json: { type: "string" },
      svg: { type: "string" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  if (values.help) return say(HELP, 0);
  const peers = values.peers?.split(",");
  const wrong = mistake(mode!, commit, more, peers, Number(values.minutes));
  if (wrong !== undefined) return say(`${wrong}\n\n${HELP}`, 2);
  const rows = await compareAll({
    ...(commit === undefined ? {} : { commit }),
    ...(values.only === undefined ? {} : { only: values.only }),
    ...(peers === undefined ? {} : { peers }),
    minutes: Number(values.minutes),
    onRow: (row) => console.log(showRow(row)),
  });
  if (rows.length === 0) {
    return say(`Cannot compare anything: no workload holds ${values.only}`, 2);
  }
  const targets = commit === undefined ? checkTargets(rows) : [];
  console.log(showSummary(rows, targets));
  const title = commit === undefined
    ? "Rookery over the best WebGPU peer"
    : `Rookery over its commit ${commit}`;
  if (values.json !== undefined) {
    const geomean = classRatios(rows);
    const text = JSON.stringify({ rows, geomean, targets }, null, 1);
    await Deno.writeTextFile(values.json, `${text}\n`);
  }
  if (values.svg !== undefined) {
    await Deno.writeTextFile(values.svg, ratioChart(rows, title));
  }
  return 0;
}

function mistake(
  mode: string,
  commit: string | undefined,
  more: readonly string[],
  peers: readonly string[] | undefined,
  minutes: number,
): string | undefined {
  const unknown =
    peers?.filter((name) => !PEERS.some((peer) => peer.name === name)) ?? [];
  if (unknown.length > 0) return `Cannot compare with ${unknown.join(", ")}`;
  if (!(minutes > 0)) return "Cannot use --minutes: it must be above 0";
  if (mode === "compare" && commit !== undefined) {
    return `Cannot use ${commit}: compare takes options only`;
  }
  if (mode === "against" && (commit === undefined || more.length > 0)) {
    return "Cannot compare: against takes one commit";
  }
  return undefined;
}

function say(text: string, code: number): number {
  if (code === 0) console.log(text);
  else console.error(text);
  return code;
}
