/**
 * The kernel that finds a row's likeliest tokens: one workgroup a row. Not an
 * op.
 *
 * The vocabulary is dealt to 256 piles, whose best tokens are found in one
 * pass. Then, as often as tokens are wanted, the best of the piles is taken,
 * and only its pile is looked through again for the best that is left.
 *
 * @module
 */

import type { Kernel, KernelContext } from "../core/kernel.ts";
import { CONTROL, RING_ENTRIES } from "./control_row.ts";
import { DEAD, rowLanes, rowLogits, sumChances } from "./row_logits.ts";
import { MOST_TOP, TOPS_WIDTH } from "./top_entries.ts";

const PILES = 256;

/** Worse than any logit, ruled-out ones included. */
const WORST = "Pick(-3.3e38, 0xffffffffu)";

/** The kernel; operands: control rows 1, logits [b, v] 2; output the notes. */
export function topTokensKernel(
  { inputs, profile }: KernelContext<object>,
): Kernel {
  const [b, v] = inputs[2]!.type.shape as [number, number];
  const lanes = rowLanes(profile);
  return {
    name: "top_tokens",
    bindings: [
      { name: "control", of: 1, view: "scalar" },
      { name: "x", of: 2, view: v % 4 === 0 ? "vec4" : "scalar" },
      { name: "tops", of: "output", view: "scalar", isWritten: true },
    ],
    params: { v, words: inputs[1]!.type.shape[1]! },
    workgroupSize: [lanes, 1, 1],
    workgroups: [b, 1, 1],
    declarations: declarations(lanes, v),
    body: [start(), dealPiles(lanes), takeBest(lanes)].join("\n"),
  };
}

function declarations(lanes: number, vocabulary: number): string {
  return `${rowLogits(vocabulary)}
struct Pick { value: f32, token: u32 }
var<workgroup> piles: array<Pick, ${PILES}>;
var<workgroup> picks: array<Pick, ${lanes}>;
var<workgroup> sums: array<f32, ${lanes}>;
var<workgroup> wanted: u32;
var<workgroup> winner: Pick;
fn better(a: Pick, b: Pick) -> Pick {
  let isB = b.value > a.value || (b.value == a.value && b.token < a.token);
  return Pick(select(a.value, b.value, isB), select(a.token, b.token, isB));
}
// The best of four logits, the first being that of a token, that come after a
// pick in the order of the list.
fn best_after(x: vec4<f32>, token: u32, last: Pick) -> Pick {
  let ids = vec4<u32>(token) + vec4<u32>(0u, 1u, 2u, 3u);
  let live = max(x, vec4<f32>(${DEAD}));
  let isAfter = (live < vec4<f32>(last.value)) |
    ((live == vec4<f32>(last.value)) & (ids > vec4<u32>(last.token)));
  let left = select(vec4<f32>(${WORST}.value), live, isAfter);
  let high = greatest(left);
  return Pick(high, token + place_of(left, high));
}`;
}

function start(): string {
  return `  let row = wid.x * p.words;
  if (lid.x == 0u) {
    let isActive = load_control(row + ${CONTROL.done}u) == 0u &&
      load_control(row + ${CONTROL.count}u) > 0u;
    wanted = select(0u, min(load_control(row + ${CONTROL.top}u), ${MOST_TOP}u), isActive);
  }
  let count = workgroupUniformLoad(&wanted);
  if (count == 0u) { return; }
  let draw = load_control(row + ${CONTROL.drawn}u) % ${RING_ENTRIES}u;
  let entry = wid.x * ${TOPS_WIDTH}u + draw * ${2 * MOST_TOP}u;`;
}

/** Every pile's best token; four neighbours lie in one pile. */
function dealPiles(lanes: number): string {
  return `  for (var pile = lid.x; pile < ${PILES}u; pile += ${lanes}u) {
    var best = ${WORST};
    for (var token = pile * 4u; token < p.v; token += ${4 * PILES}u) {
      best = better(best, best_after(logits_at(wid.x, token), token, Pick(3.4e38, 0u)));
    }
    piles[pile] = best;
  }
  workgroupBarrier();
  var first = ${WORST};
  for (var pile = 0u; pile < ${PILES}u; pile++) { first = better(first, piles[pile]); }
${sumChances(lanes, "first.value")}`;
}

function takeBest(lanes: number): string {
  return `  for (var i = 0u; i < count; i++) {
    var mine = ${WORST};
    for (var pile = lid.x; pile < ${PILES}u; pile += ${lanes}u) {
      mine = better(mine, piles[pile]);
    }
    picks[lid.x] = mine;
${reduce(lanes)}
    if (lid.x == 0u) {
      winner = picks[0];
      store_tops(entry + 2u * i, select(0xffffffffu, winner.token, i < p.v));
      let likelihood = bitcast<u32>(winner.value - first.value - log(total));
      let isLive = i < p.v && winner.value > ${DEAD};
      store_tops(entry + 2u * i + 1u, select(0xff800000u, likelihood, isLive));
    }
    let taken = workgroupUniformLoad(&winner);
    let pile = (taken.token / 4u) % ${PILES}u;
    mine = ${WORST};
    for (var token = (pile + lid.x * ${PILES}u) * 4u; token < p.v; token += ${
    4 * PILES * lanes
  }u) {
      mine = better(mine, best_after(logits_at(wid.x, token), token, taken));
    }
    picks[lid.x] = mine;
${reduce(lanes)}
    if (lid.x == 0u) { piles[pile] = picks[0]; }
    workgroupBarrier();
  }`;
}

/** Leaves the best of all lanes' picks in the first. */
function reduce(lanes: number): string {
  return `    workgroupBarrier();
    for (var half = ${lanes / 2}u; half > 0u; half /= 2u) {
      if (lid.x < half) {
        picks[lid.x] = better(picks[lid.x], picks[lid.x + half]);
      }
      workgroupBarrier();
    }`;
}
