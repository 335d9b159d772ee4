/**
 * `deno task bench compare` and `deno task bench against COMMIT`: every
 * workload through Rookery and the others in turns, in one run.
 *
 * @module
 */

import { cacheFolder } from "../../plugins/weights_cache/mod.ts";
import { smollm2Path } from "../../tests/support/weights.ts";
import { type CompareRow, compareWorkload } from "./compare_workload.ts";
import type { Participant } from "./compare_workload.ts";
import type { Reply } from "./protocol.ts";
import { checkoutCommit } from "./checkout_commit.ts";
import { installPeer } from "./install_peer.ts";
import { PEERS } from "./peers.ts";
import { Runner, type RunnerCommand } from "./runner.ts";
import { allWorkloads } from "./workloads.ts";

/** What to compare. */
export interface CompareOptions {
  /** Names of peers; all by default. */
  readonly peers?: readonly string[];
  /** An older commit instead of peers. */
  readonly commit?: string;
  /** Part of the names of workloads. */
  readonly only?: string;
  /** Minutes that it may take; repetitions are fewer where time is short. */
  readonly minutes: number;
  /** Told each row when it is there. */
  onRow(row: CompareRow): void;
}

const MINUTE = 60_000;
const MOST_ROUNDS = 6;
const LEAST_ROUNDS = 2;
const ROOT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** Measures all rows. */
export async function compareAll(
  options: CompareOptions,
): Promise<CompareRow[]> {
  const { only, minutes, onRow } = options;
  const workloads = allWorkloads().filter(({ name }) =>
    only === undefined || name.includes(only)
  );
  const participants = await participantsOf(options);
  const [ours, ...others] = participants;
  const asked = [ours!, ...others.map(leaveOutSlow)];
  const start = performance.now();
  const rows: CompareRow[] = [];
  for (const workload of workloads) {
    const share = rows.length / workloads.length;
    const used = (performance.now() - start) / (minutes * MINUTE);
    const row = await compareWorkload(workload, asked, {
      rounds: used > share + 0.1 ? LEAST_ROUNDS : MOST_ROUNDS,
      timeout: 4 * MINUTE,
      slow: SLOW,
    });
    rows.push(row);
    onRow(row);
  }
  for (const { stop } of participants) await stop();
  return rows;
}

/** Milliseconds a run from which a runner is slow. */
const SLOW = MINUTE;

/** A peer that was slow is not asked for the rest of that class. */
function leaveOutSlow(own: Started): Participant {
  const slow = new Map<string, string>();
  return {
    ...own,
    async ask(request, timeout): Promise<Reply> {
      const { group, name } = request.workload;
      const before = slow.get(group);
      if (before !== undefined && before !== name) {
        return { id: 0, cannot: `left out, as "${before}" took too long` };
      }
      const reply = await own.ask(request, timeout);
      const isSlow = "cannot" in reply
        ? reply.cannot.startsWith("no answer")
        : reply.milliseconds.some((ms) => ms > SLOW);
      if (isSlow) slow.set(group, name);
      return reply;
    },
  };
}

interface Started extends Participant {
  stop(): Promise<void>;
}

async function participantsOf(
  { peers, commit }: CompareOptions,
): Promise<Started[]> {
  const model = await smollm2Path();
  const ours = started(rookeryCommand("rookery", ROOT, model));
  if (commit !== undefined) {
    const { folder, name } = await checkoutCommit(commit, ROOT, cacheFolder());
    return [ours, started(rookeryCommand(name, folder, model))];
  }
  const others: Started[] = [];
  for (const peer of PEERS) {
    if (peers !== undefined && !peers.includes(peer.name)) continue;
    const command = await installPeer(peer, cacheFolder(), model);
    others.push(started(command, peer.isNative));
  }
  return [ours, ...others];
}

function rookeryCommand(
  name: string,
  root: string,
  model: string,
): RunnerCommand {
  const child = new URL("children/rookery.ts", import.meta.url).pathname;
  const flags = [
    "-A",
    "--quiet",
    "--no-check",
    "--config",
    `${root}/deno.json`,
  ];
  return {
    name,
    command: Deno.execPath(),
    args: ["run", ...flags, child, root, model],
    cwd: root,
  };
}

function started(command: RunnerCommand, isNative = false): Started {
  const runner = new Runner(command);
  return {
    name: command.name,
    isNative,
    ask: (request, timeout) => runner.ask(request, timeout),
    stop: () => runner.stop(),
  };
}
