/**
 * How kernels with one workgroup a row read its logits, four at a time. Not
 * an op.
 *
 * @module
 */

import type { DeviceProfile } from "../core/kernel.ts";

/** Logits at or below this are ruled out; stands for −∞, which WGSL lacks. */
export const DEAD: string = "-3.0e38";

/** Lanes of a workgroup that works on one row. */
export function rowLanes(
  { isSoftware, maxInvocations }: DeviceProfile,
): number {
  return isSoftware ? 8 : Math.min(256, maxInvocations);
}

/**
 * WGSL over a binding `x` of logits [b, v]: `logits_at(row, token)` gives four
 * from a token divisible by four on, `DEAD` beyond the vocabulary;
 * `weight_of(z, top, heat)` gives `exp((z − top) / heat)`; `greatest` and
 * `place_of` find the best of four.
 */
export function rowLogits(vocabulary: number): string {
  return `${vocabulary % 4 === 0 ? IN_FOURS : ONE_BY_ONE}
fn weight_of(z: vec4<f32>, top: f32, heat: f32) -> vec4<f32> {
  let w = exp(max((z - vec4<f32>(top)) / heat, vec4<f32>(-100.0)));
  return select(w, vec4<f32>(), z <= vec4<f32>(${DEAD}));
}
fn greatest(z: vec4<f32>) -> f32 { return max(max(z.x, z.y), max(z.z, z.w)); }
fn place_of(z: vec4<f32>, value: f32) -> u32 {
  return select(select(select(3u, 2u, z.z == value), 1u, z.y == value), 0u, z.x == value);
}`;
}

const IN_FOURS = `fn logits_at(row: u32, token: u32) -> vec4<f32> {
  return load_x((row * p.v + token) / 4u);
}`;

const ONE_BY_ONE = `fn logit_at(row: u32, token: u32) -> f32 {
  let x = load_x(row * p.v + min(token, p.v - 1u));
  return select(${DEAD}, x, token < p.v);
}
fn logits_at(row: u32, token: u32) -> vec4<f32> {
  return vec4<f32>(logit_at(row, token), logit_at(row, token + 1u),
    logit_at(row, token + 2u), logit_at(row, token + 3u));
}`;

/**
 * Statements that set `total` to the sum of the raw chances over the chance of
 * a logit `top`, by way of the workgroup's `sums`.
 */
export function sumChances(lanes: number, top: string): string {
  return `  var sum = vec4<f32>();
  for (var token = lid.x * 4u; token < p.v; token += ${4 * lanes}u) {
    sum += weight_of(logits_at(wid.x, token), ${top}, 1.0);
  }
  sums[lid.x] = sum.x + sum.y + sum.z + sum.w;
  workgroupBarrier();
  var total: f32 = 0.0;
  for (var o = 0u; o < ${lanes}u; o++) { total += sums[o]; }
  workgroupBarrier();`;
}
