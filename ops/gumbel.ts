/**
 * Gumbel noise from a counter: the same draw for the same seed, count and
 * token on every device. Not an op.
 *
 * Adding it to log-probabilities and taking the greatest draws from their
 * distribution (Gumbel, 1954), which needs no running sums.
 *
 * @module
 */

/** Mixes 32 bits; the multipliers of Wellons's "lowbias32". */
function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Number that one draw of a sequence mixes into all of its tokens' noise. */
export function drawKey(seed: number, drawn: number): number {
  return mix((mix(seed) + drawn) >>> 0);
}

/** Noise of a token: `−log(−log u)`, u uniform in (0, 1) in steps of 2⁻²³. */
export function gumbel(key: number, token: number): number {
  const bits = mix((key + Math.imul(token, 0x9e3779b9)) >>> 0) >>> 9;
  return -Math.log(-Math.log1p(-(1 - (bits + 0.5) * 2 ** -23)));
}

/** WGSL `draw_key(seed, drawn)` and `gumbel(key, token)`, bit for bit up to log. */
export const GUMBEL_WGSL = `fn mix_bits(x: u32) -> u32 {
  var y = x ^ (x >> 16u);
  y *= 0x7feb352du;
  y ^= y >> 15u;
  y *= 0x846ca68bu;
  return y ^ (y >> 16u);
}
fn draw_key(seed: u32, drawn: u32) -> u32 {
  return mix_bits(mix_bits(seed) + drawn);
}
fn gumbel(key: u32, token: u32) -> f32 {
  let bits = mix_bits(key + token * 0x9e3779b9u) >> 9u;
  let u = (f32(bits) + 0.5) * 1.1920929e-7;
  // Logarithms near 1 are rough on some devices: a series stands in there.
  let t = 1.0 - u;
  let series = t * (1.0 + t * (0.5 + t * (0.33333333 + t * (0.25 +
    t * (0.2 + t * 0.16666667)))));
  return -log(select(-log(u), series, t < 0.0625));
}`;
