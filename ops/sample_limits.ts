/**
 * The part of the sampling kernel that finds what top-k and top-p let through.
 * Not an op.
 *
 * Thresholds are found digit by digit on the bits of the logits, mapped to
 * integers of the same order: a histogram of 256 bins, four times. Chances are
 * counted there in units of 2⁻³¹, so that sums do not depend on the order of
 * threads. Greedy rows skip all of that.
 *
 * @module
 */

import { DEAD } from "./row_logits.ts";
import { scan, type ScanShape } from "./score_scan.ts";

/** The least key that top-k and top-p let through. */
export function limitTokens(shape: ScanShape): string {
  const { lanes } = shape;
  return `  var least: u32 = 0u;
  if (steps.isDrawn != 0u && steps.topK > 0u && steps.topK < p.v) {
    if (lid.x == 0u) { goal = steps.topK; }
${descend(shape, "1u", "0u")}
    least = workgroupUniformLoad(&floor_key);
  }
  if (steps.isDrawn != 0u && steps.topP < 1.0) {
    var chances = vec4<f32>();
${
    scan(
      shape,
      `      chances += select(vec4<f32>(), weight_of(z, found.best, heat),
        key_of(z) >= vec4<u32>(least));`,
    )
  }
    sums[lid.x] = chances.x + chances.y + chances.z + chances.w;
    workgroupBarrier();
    if (lid.x == 0u) {
      var all: f32 = 0.0;
      for (var o = 0u; o < ${lanes}u; o++) { all += sums[o]; }
      mass = all;
      goal = 0u;
    }
    let unit = 2147483648.0 / workgroupUniformLoad(&mass);
${
    descend(
      shape,
      "u32(weights[c])",
      "least",
      "      let weights = weight_of(z, found.best, heat) * unit;\n",
    )
  }
    least = max(least, workgroupUniformLoad(&floor_key));
  }`;
}

/**
 * Finds the greatest key whose tokens and all above weigh at least `goal`; a
 * goal of 0 stands for the share top-p of all weights.
 */
function descend(
  shape: ScanShape,
  weight: string,
  from: string,
  prepare = "",
): string {
  const { lanes } = shape;
  return `    if (lid.x == 0u) { floor_key = 0u; }
    for (var level = 0u; level < 4u; level++) {
      let shift = 24u - 8u * level;
      // Shifted in two steps, as a shift by 32 is undefined.
      let above = (workgroupUniformLoad(&floor_key) >> shift) >> 8u;
      for (var bin = lid.x; bin < 256u; bin += ${lanes}u) { atomicStore(&bins[bin], 0u); }
      workgroupBarrier();
${
    scan(
      shape,
      `      let keys = key_of(z);
${prepare}      for (var c = 0u; c < 4u; c++) {
        if (((keys[c] >> shift) >> 8u) == above && keys[c] >= ${from} && z[c] > ${DEAD}) {
          atomicAdd(&bins[(keys[c] >> shift) & 255u], ${weight});
        }
      }`,
    )
  }
      workgroupBarrier();
      if (lid.x == 0u) {
        if (goal == 0u) {
          var all: u32 = 0u;
          for (var bin = 0u; bin < 256u; bin++) { all += atomicLoad(&bins[bin]); }
          goal = clamp(u32(ceil(f32(all) * max(steps.topP, 0.0))), 1u, max(all, 1u));
        }
        var bin: u32 = 255u;
        var heap = atomicLoad(&bins[255]);
        while (bin > 0u && heap < goal) {
          goal -= heap;
          bin--;
          heap = atomicLoad(&bins[bin]);
        }
        floor_key |= bin << shift;
      }
    }`;
}
