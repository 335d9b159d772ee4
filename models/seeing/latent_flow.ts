/**
 * What each latent of a picture was made of: attention of a resampler's
 * readings, rolled out over its layers (Abnar and Zuidema, 2020,
 * arXiv:2005.00928, section 3).
 *
 * @module
 */

/** One reading of a resampler's latents. */
export interface LatentReading {
  /** What its keys are; of `both`, features come first. */
  readonly of: "features" | "latents" | "both";
  /** Mean attention over heads [r, s]. */
  readonly shares: Float64Array;
}

/**
 * Shares of n features in each of r latents, [r, n]; rows sum to 1.
 *
 * With A = [F L] the attention to features and latents, each reading takes
 * `R ← ½ R + ½ (F + L R)`, as half of what it leaves is the latent as it was;
 * R begins at 0, since latents begin as learnt numbers that know no picture. At
 * the end rows are divided by their sums. A latent that read no feature has
 * zeros.
 */
export function latentFlow(
  readings: readonly LatentReading[],
  { latents, features }: {
    readonly latents: number;
    readonly features: number;
  },
): Float64Array {
  let flow = new Float64Array(latents * features);
  for (const { of, shares } of readings) {
    const keys = shares.length / latents;
    const own = of === "latents" ? 0 : features;
    const next = new Float64Array(flow.length);
    for (let r = 0; r < latents; r++) {
      const row = shares.subarray(r * keys, (r + 1) * keys);
      const to = next.subarray(r * features, (r + 1) * features);
      for (let n = 0; n < features; n++) {
        const direct = of === "latents" ? 0 : row[n]!;
        to[n] = (flow[r * features + n]! + direct) / 2;
      }
      if (of === "features") continue;
      for (let l = 0; l < latents; l++) {
        const share = row[own + l]! / 2;
        for (let n = 0; n < features; n++) {
          to[n]! += share * flow[l * features + n]!;
        }
      }
    }
    flow = next;
  }
  return withRowSums(flow, features);
}

/** The flow where latent i is made of feature i alone. */
export function pointwiseFlow(latents: number): Float64Array {
  const flow = new Float64Array(latents * latents);
  for (let i = 0; i < latents; i++) flow[i * latents + i] = 1;
  return flow;
}

/** Rows divided by their sums; rows of zeros stay. */
function withRowSums(flow: Float64Array, width: number): Float64Array {
  for (let at = 0; at < flow.length; at += width) {
    const row = flow.subarray(at, at + width);
    const sum = row.reduce((total, value) => total + value, 0);
    if (sum > 0) row.forEach((value, i) => row[i] = value / sum);
  }
  return flow;
}
