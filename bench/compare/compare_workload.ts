/**
 * One workload through all runners, in turns, and the row that comes of it.
 *
 * @module
 */

import { median } from "../row.ts";
import type { Reply } from "./protocol.ts";
import { differenceOf } from "./seeded_values.ts";
import { figureOf, type Workload } from "./workload.ts";

/** Something that answers requests. */
export interface Participant {
  /** Name in rows. */
  readonly name: string;
  /** Whether it runs without WebGPU: shown, but no rival. */
  readonly isNative?: boolean;
  /** Measures, within so many milliseconds. */
  ask(
    request: { workload: Workload; seed: number; repetitions: number },
    timeout: number,
  ): Promise<Reply>;
}

/** A compared figure. */
export interface CompareRow {
  /** What was done. */
  readonly workload: string;
  /** Class of the workload. */
  readonly group: string;
  /** Unit of the figures; more is better. */
  readonly unit: string;
  /** Our figure, a median; null if it could not be measured. */
  readonly rookery: number | null;
  /** Figures of the peers that did it. */
  readonly peers: Readonly<Record<string, number>>;
  /** Ours over the best WebGPU peer's; null without one. */
  readonly ratio: number | null;
  /** Largest difference of a WebGPU peer's result, in units of ours. */
  readonly maxDifference: number | null;
  /** What was said by name: why not, or how. */
  readonly notes: Readonly<Record<string, string>>;
}

/** How long and how often. */
export interface CompareLimits {
  /** Rounds after the first. */
  readonly rounds: number;
  /** Milliseconds to wait for an answer. */
  readonly timeout: number;
  /** A peer slower than this is measured once. */
  readonly slow: number;
}

/** Results further apart than this are another computation. */
const MOST_DIFFERENCE = 2e-2;

interface Turn {
  readonly participant: Participant;
  readonly milliseconds: number[];
  output: readonly number[];
  isOnce: boolean;
}

/** Compares the first participant, ours, with the others. */
export async function compareWorkload(
  workload: Workload,
  participants: readonly Participant[],
  { rounds, timeout, slow }: CompareLimits,
): Promise<CompareRow> {
  const notes: Record<string, string> = {};
  const turns: Turn[] = [];
  for (const participant of participants) {
    if (participant !== participants[0] && turns.length === 0) break;
    const request = { workload, seed: 1, repetitions: 1 };
    const reply = await participant.ask(request, timeout);
    if ("cannot" in reply) {
      notes[participant.name] = `cannot: ${reply.cannot}`;
      continue;
    }
    if (reply.note !== undefined) notes[participant.name] = reply.note;
    const { output, milliseconds: [first] } = reply;
    const isOnce = first! > slow;
    if (isOnce) notes[participant.name] = "slow: measured once";
    turns.push({
      participant,
      milliseconds: isOnce ? [first!] : [],
      output,
      isOnce,
    });
  }
  if (turns.length === 0) return rowOf(workload, participants, turns, notes);
  if (drawsTokens(workload)) countTokens(turns, notes);
  else dropOthers(turns, notes);
  let repeated = turns.filter((turn) => !turn.isOnce);
  for (let round = 0; round < rounds; round++) {
    for (const turn of round % 2 === 0 ? repeated : repeated.toReversed()) {
      const request = { workload, seed: 1, repetitions: 1 };
      const reply = await turn.participant.ask(request, timeout);
      if ("milliseconds" in reply) {
        turn.milliseconds.push(...reply.milliseconds);
      } else {
        notes[turn.participant.name] = `stopped: ${reply.cannot}`;
        repeated = repeated.filter((other) => other !== turn);
      }
    }
  }
  return rowOf(workload, participants, turns, notes);
}

/** Results are tokens: those of other roundings may part somewhere. */
function drawsTokens({ kind }: Workload): boolean {
  return kind === "prefill" || kind === "decode";
}

/** Notes how many of the first tokens are the same as ours. */
function countTokens(
  turns: readonly Turn[],
  notes: Record<string, string>,
): void {
  const ours = turns[0]!.output;
  for (const { participant, output } of turns.slice(1)) {
    // The spread half of a sample repeats the first.
    const length = Math.min(ours.length, output.length) / 2;
    const parted = output.slice(0, length).findIndex((t, i) => t !== ours[i]);
    const note = `${parted < 0 ? length : parted} of ${length} tokens equal`;
    const said = notes[participant.name];
    notes[participant.name] = said === undefined ? note : `${said}; ${note}`;
  }
}

/** Takes out peers whose result is another one than ours. */
function dropOthers(turns: Turn[], notes: Record<string, string>): void {
  const ours = turns[0]!;
  for (const turn of turns.slice(1)) {
    const difference = differenceOf(ours.output, turn.output);
    if (difference <= MOST_DIFFERENCE) continue;
    const { name } = turn.participant;
    notes[name] = `another result: differs by ${difference.toExponential(1)}`;
    turns.splice(turns.indexOf(turn), 1);
  }
}

function rowOf(
  workload: Workload,
  participants: readonly Participant[],
  turns: readonly Turn[],
  notes: Readonly<Record<string, string>>,
): CompareRow {
  const figures = new Map(
    turns.filter(({ milliseconds }) => milliseconds.length > 0).map((turn) => [
      turn.participant,
      figureOf(workload, median(turn.milliseconds)),
    ]),
  );
  const rookery = figures.get(participants[0]!) ?? null;
  const others = [...figures].filter(([peer]) => peer !== participants[0]);
  const rivals = others.filter(([peer]) => !peer.isNative);
  const ours = turns.find(({ participant }) => participant === participants[0]);
  const differences = turns
    .filter((turn) => turn !== ours && !turn.participant.isNative)
    .map((turn) => differenceOf(ours?.output ?? [], turn.output));
  const isCompared = differences.length > 0 && !drawsTokens(workload);
  return {
    workload: workload.name,
    group: workload.group,
    unit: workload.unit,
    rookery,
    peers: Object.fromEntries(others.map(([peer, v]) => [peer.name, v])),
    ratio: rookery === null || rivals.length === 0
      ? null
      : rookery / Math.max(...rivals.map(([, figure]) => figure)),
    maxDifference: isCompared ? Math.max(...differences) : null,
    notes,
  };
}
