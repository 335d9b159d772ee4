/**
 * The part of the sampling kernel that goes over a row's logits and processes
 * each: bias, repetition penalty, frequency and presence penalties, bans. Not
 * an op.
 *
 * @module
 */

import { CONTROL, RING_ENTRIES } from "./control_row.ts";
import { DEAD } from "./row_logits.ts";

/** How a kernel scans its row. */
export interface ScanShape {
  /** Lanes of the workgroup. */
  readonly lanes: number;
  /** Whether there are adjustments; without, the text has no trace of them. */
  readonly isAdjusted: boolean;
}

/**
 * A pass over the row's logits: statements see `token`, `x` and the processed
 * logits `z`, four tokens at a time.
 */
export function scan(
  { lanes, isAdjusted }: ScanShape,
  statements: string,
): string {
  return `  for (var group = lid.x; group < p.groups; group += ${lanes}u) {
    let marked = field(row, ${CONTROL.seen}u + group);
    let seen = select(0u, marked, penalty != 1.0);
    let banned = field(row, p.banned + group);
${isAdjusted ? "    let notes = notes_of(row, group);" : ""}
    for (var part = 0u; part < 32u; part += 4u) {
      let token = group * 32u + part;
      if (token >= p.v) { break; }
      let x = logits_at(wid.x, token);
${
    isAdjusted
      ? `      let change = change_of(row, token, marked, notes);
      let z = process(x + change.bias, token, seen, banned, penalty) - change.less;`
      : "      let z = process(x, token, seen, banned, penalty);"
  }
${statements}
    }
  }`;
}

/** WGSL functions that `scan` calls. */
export function scanFunctions({ isAdjusted }: ScanShape): string {
  return isAdjusted ? `${PROCESS}\n${CHANGES}` : PROCESS;
}

const PROCESS = `fn is_set(word: u32, token: u32) -> vec4<bool> {
  let bits = vec4<u32>(word >> (token & 31u)) >> vec4<u32>(0u, 1u, 2u, 3u);
  return (bits & vec4<u32>(1u)) == vec4<u32>(1u);
}
fn process(x: vec4<f32>, token: u32, seen: u32, banned: u32, penalty: f32) -> vec4<f32> {
  let live = max(x, vec4<f32>(${DEAD}));
  let less = select(live * penalty, live / penalty, live > vec4<f32>());
  let z = select(live, max(less, vec4<f32>(${DEAD})), is_set(seen, token));
  return select(z, vec4<f32>(${DEAD}), is_set(banned, token));
}`;

// A ruled-out logit stays so: next to it, biases and penalties round away.
const CHANGES = `struct Notes { start: u32, bits: u32, first: u32 }
struct Change { bias: vec4<f32>, less: vec4<f32> }
fn notes_of(row: u32, group: u32) -> Notes {
  let place = field(row, ${CONTROL.adjust}u);
  if (place == 0u) { return Notes(0u, 0u, 0u); }
  let at = place - 1u + 2u * group;
  return Notes(place - 1u, load_adjust(at), load_adjust(at + 1u));
}
fn fresh_count(row: u32, token: u32) -> u32 {
  let drawn = field(row, ${CONTROL.drawn}u);
  let oldest = drawn - min(drawn, ${RING_ENTRIES}u);
  var count: u32 = 0u;
  for (var i = max(oldest, field(row, ${CONTROL.counted}u)); i < drawn; i++) {
    let entry = ${CONTROL.ring}u + 2u * (i % ${RING_ENTRIES}u);
    count += u32(field(row, entry) == token);
  }
  return count;
}
fn change_of_one(row: u32, token: u32, marked: u32, notes: Notes) -> vec2<f32> {
  let bit = 1u << (token & 31u);
  var bias: f32 = 0.0;
  var count: u32 = 0u;
  if ((notes.bits & bit) != 0u) {
    let rank = countOneBits(notes.bits & (bit - 1u));
    let at = notes.start + notes.first + 2u * rank;
    count = load_adjust(at);
    bias = bitcast<f32>(load_adjust(at + 1u));
  }
  if ((marked & bit) != 0u) { count += fresh_count(row, token); }
  if (count == 0u) { return vec2<f32>(bias, 0.0); }
  let less = real(row, ${CONTROL.frequency}u) * f32(count) + real(row, ${CONTROL.presence}u);
  return vec2<f32>(bias, less);
}
fn change_of(row: u32, token: u32, marked: u32, notes: Notes) -> Change {
  let known = (marked | notes.bits) >> (token & 31u);
  if ((known & 15u) == 0u) { return Change(vec4<f32>(), vec4<f32>()); }
  let a = change_of_one(row, token, marked, notes);
  let b = change_of_one(row, token + 1u, marked, notes);
  let c = change_of_one(row, token + 2u, marked, notes);
  let d = change_of_one(row, token + 3u, marked, notes);
  return Change(vec4<f32>(a.x, b.x, c.x, d.x), vec4<f32>(a.y, b.y, c.y, d.y));
}`;
