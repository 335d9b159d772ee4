/**
 * The kernel of sampling: one workgroup a row. Not an op.
 *
 * @module
 */

import type { Kernel, KernelContext } from "../core/kernel.ts";
import {
  bannedOffset,
  CONTROL,
  CONTROL_ERROR,
  RING_ENTRIES,
} from "./control_row.ts";
import { GUMBEL_WGSL } from "./gumbel.ts";
import { DEAD, rowLanes, rowLogits, sumChances } from "./row_logits.ts";
import { limitTokens } from "./sample_limits.ts";
import { scan, scanFunctions, type ScanShape } from "./score_scan.ts";

/**
 * The kernel; operand 1 is the logits [b, v], operand 2, where there is one,
 * the adjustments, the output the control rows.
 */
export function sampleKernel(
  { inputs, output, profile }: KernelContext<object>,
): Kernel {
  const [b, v] = inputs[1]!.type.shape as [number, number];
  const words = output.type.shape[1]!;
  const lanes = rowLanes(profile);
  const isAdjusted = inputs.length > 2;
  const shape = { lanes, isAdjusted };
  return {
    name: "sample",
    bindings: [
      { name: "x", of: 1, view: v % 4 === 0 ? "vec4" : "scalar" },
      ...(isAdjusted ? [ADJUST] : []),
      { name: "control", of: "output", view: "scalar", isWritten: true },
    ],
    params: {
      v,
      words,
      groups: (words - CONTROL.seen) / 2,
      banned: bannedOffset(words),
    },
    workgroupSize: [lanes, 1, 1],
    workgroups: [b, 1, 1],
    declarations: declarations(shape, v),
    body: [
      start(),
      findBest(shape),
      sumChances(lanes, "found.top"),
      limitTokens(shape),
      draw(shape),
      record(),
    ].join("\n"),
  };
}

const ADJUST = { name: "adjust", of: 2, view: "scalar" } as const;

function declarations(shape: ScanShape, vocabulary: number): string {
  const { lanes } = shape;
  return `${GUMBEL_WGSL}
struct Share { top: f32, best: f32, token: u32, isBad: u32 }
struct Plan { isActive: u32, isDrawn: u32, topK: u32, topP: f32 }
var<workgroup> shares: array<Share, ${lanes}>;
var<workgroup> sums: array<f32, ${lanes}>;
var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> plan: Plan;
var<workgroup> best: Share;
var<workgroup> mass: f32;
var<workgroup> goal: u32;
var<workgroup> floor_key: u32;
fn field(row: u32, offset: u32) -> u32 { return load_control(row + offset); }
fn real(row: u32, offset: u32) -> f32 {
  return bitcast<f32>(load_control(row + offset));
}
${rowLogits(vocabulary)}
${scanFunctions(shape)}
fn key_of(z: vec4<f32>) -> vec4<u32> {
  let bits = bitcast<vec4<u32>>(z);
  return select(bits | vec4<u32>(0x80000000u), ~bits, bits >= vec4<u32>(0x80000000u));
}
fn better(a: Share, b: Share) -> Share {
  let isB = b.best > a.best || (b.best == a.best && b.token < a.token);
  return Share(max(a.top, b.top), max(a.best, b.best),
    select(a.token, b.token, isB), a.isBad | b.isBad);
}`;
}

function start(): string {
  return `  let row = wid.x * p.words;
  if (lid.x == 0u) {
    let isActive = field(row, ${CONTROL.done}u) == 0u && field(row, ${CONTROL.count}u) > 0u;
    plan = Plan(u32(isActive), u32(real(row, ${CONTROL.temperature}u) > 0.0),
      field(row, ${CONTROL.topK}u), real(row, ${CONTROL.topP}u));
  }
  let steps = workgroupUniformLoad(&plan);
  if (steps.isActive == 0u) { return; }
  let penalty = real(row, ${CONTROL.penalty}u);
  let heat = real(row, ${CONTROL.temperature}u);`;
}

/** Greatest raw and processed logits, and whether any is NaN or +∞. */
function findBest(shape: ScanShape): string {
  const { lanes } = shape;
  return `  var mine = Share(${DEAD}, ${DEAD}, 0u, 0u);
${
    scan(
      shape,
      `      let bits = bitcast<vec4<u32>>(x);
      let isOdd = ((bits & vec4<u32>(0x7fffffffu)) >= vec4<u32>(0x7f800000u)) &
        (bits != vec4<u32>(0xff800000u));
      mine.isBad |= u32(any(isOdd));
      mine.top = max(mine.top, greatest(x));
      let high = greatest(z);
      if (high > mine.best) {
        mine.best = high;
        mine.token = token + place_of(z, high);
      }`,
    )
  }
  shares[lid.x] = mine;
  workgroupBarrier();
  if (lid.x == 0u) {
    for (var o = 1u; o < ${lanes}u; o++) { mine = better(mine, shares[o]); }
    if (mine.isBad != 0u) {
      mine.isBad = ${CONTROL_ERROR.notFinite}u;
    } else if (mine.best <= ${DEAD}) {
      mine.isBad = ${CONTROL_ERROR.nothingLeft}u;
    }
    best = mine;
  }
  let found = workgroupUniformLoad(&best);
  if (found.isBad != 0u) {
    if (lid.x == 0u) {
      store_control(row + ${CONTROL.position}u,
        field(row, ${CONTROL.position}u) + field(row, ${CONTROL.count}u));
      store_control(row + ${CONTROL.error}u, found.isBad);
      store_control(row + ${CONTROL.done}u, 1u);
      store_control(row + ${CONTROL.count}u, 0u);
    }
    return;
  }
  var chosen = found.token;`;
}

/** Draws by Gumbel noise among what is left; min-p is judged on the way. */
function draw(shape: ScanShape): string {
  const { lanes } = shape;
  return `  if (steps.isDrawn != 0u) {
    let stream = draw_key(field(row, ${CONTROL.seed}u), field(row, ${CONTROL.drawn}u));
    let minP = real(row, ${CONTROL.minP}u);
    var pick = Share(0.0, ${DEAD}, found.token, 0u);
${
    scan(
      shape,
      `      let isLeft = (key_of(z) >= vec4<u32>(least)) & (z > vec4<f32>(${DEAD})) &
        (weight_of(z, found.best, heat) >= vec4<f32>(minP));
      if (any(isLeft)) {
        let noise = vec4<f32>(gumbel(stream, token), gumbel(stream, token + 1u),
          gumbel(stream, token + 2u), gumbel(stream, token + 3u));
        let noisy = select(vec4<f32>(${DEAD}), (z - vec4<f32>(found.best)) / heat + noise, isLeft);
        let high = greatest(noisy);
        if (high > pick.best) {
          pick.best = high;
          pick.token = token + place_of(noisy, high);
        }
      }`,
    )
  }
    shares[lid.x] = pick;
    workgroupBarrier();
    for (var o = 0u; o < ${lanes}u; o++) { pick = better(pick, shares[o]); }
    chosen = pick.token;
  }`;
}

/** Advances the control row. */
function record(): string {
  return `  if (lid.x != 0u) { return; }
  let drawn = field(row, ${CONTROL.drawn}u);
  let entry = row + ${CONTROL.ring}u + 2u * (drawn % ${RING_ENTRIES}u);
  let likelihood = logits_at(wid.x, chosen & ~3u)[chosen & 3u] - found.top - log(total);
  store_control(entry, chosen);
  store_control(entry + 1u, bitcast<u32>(likelihood));
  let word = row + ${CONTROL.seen}u + chosen / 32u;
  store_control(word, load_control(word) | (1u << (chosen & 31u)));
  var isDone = drawn + 1u >= field(row, ${CONTROL.limit}u);
  for (var i = 0u; i < field(row, ${CONTROL.stopCount}u); i++) {
    isDone = isDone || field(row, ${CONTROL.stops}u + i) == chosen;
  }
  store_control(row + ${CONTROL.position}u,
    field(row, ${CONTROL.position}u) + field(row, ${CONTROL.count}u));
  store_control(row + ${CONTROL.token}u, chosen);
  store_control(row + ${CONTROL.drawn}u, drawn + 1u);
  store_control(row + ${CONTROL.done}u, u32(isDone));
  store_control(row + ${CONTROL.count}u, u32(!isDone));`;
}
