/**
 * The error function, for the CPU in 64 bits and as WGSL text in 32.
 *
 * @module
 */

/** `erf(x)`, error below 1e-14. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  // erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ·x²ⁿ⁺¹ / (1·3·5···(2n+1)). All terms have
  // one sign, so nothing cancels (Abramowitz and Stegun, 7.1.6).
  let term = x, sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

/**
 * WGSL function `erf_of(x: f32) -> f32`, error below 4e-7: the rational
 * approximation 7.1.26 of Abramowitz and Stegun, itself right to 1.5e-7.
 */
export const ERF_WGSL: string = `fn erf_of(x: f32) -> f32 {
  let size = min(abs(x), 9.0);
  let t = 1.0 / (1.0 + 0.3275911 * size);
  let poly = t * (0.254829592 + t * (-0.284496736 +
    t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - poly * exp(-size * size));
}`;
