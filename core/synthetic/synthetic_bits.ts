/**
 * Bits of made-up weights from a counter: the same for the same seed, name and
 * place in the tensor, on every device. After the mixers of Wellons, with one
 * multiplier of each tensor's own, so that no tensor is a shifted part of
 * another.
 *
 * @module
 */

/** What tells the bits of one tensor from those of others; two u32. */
export interface SyntheticKey {
  /** Mixed into the counter. */
  readonly key: number;
  /** The first multiplier; odd. */
  readonly multiplier: number;
}

/** Second multiplier of the mixer ("lowbias32"). */
const SECOND = 0x846ca68b;

/** The key of a tensor by its name. */
export function syntheticKey(seed: number, name: string): SyntheticKey {
  let hash = 0x811c9dc5; // FNV-1a
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  const plain = { key: seed >>> 0, multiplier: 0x7feb352d };
  const key = syntheticBits(plain, hash >>> 0);
  return { key, multiplier: (syntheticBits(plain, ~key >>> 0) | 1) >>> 0 };
}

/** 32 bits for a counter. */
export function syntheticBits(
  { key, multiplier }: SyntheticKey,
  counter: number,
): number {
  let x = counter ^ key;
  x ^= x >>> 16;
  x = Math.imul(x, multiplier);
  x ^= x >>> 15;
  x = Math.imul(x, SECOND);
  return (x ^ (x >>> 16)) >>> 0;
}

/** WGSL `bits(counter)`, of the uniforms `key` and `multiplier`. */
export const SYNTHETIC_BITS_WGSL = `fn bits(counter: u32) -> u32 {
  var x = counter ^ p.key;
  x ^= x >> 16u;
  x *= p.multiplier;
  x ^= x >> 15u;
  x *= ${SECOND}u;
  return x ^ (x >> 16u);
}`;
