/**
 * Slopes of ALiBi (Press et al., 2022): attention with linear biases instead
 * of position embeddings.
 *
 * @module
 */

/**
 * Slope of each head as MPT makes them: `2^(−m · i / n)` for i = 1 .. n with
 * the steepest slope 2^(−m/n), where n is the number of heads or the power of
 * two above it. Of those n, the even i come first and then the odd ones, as
 * many as there are heads.
 *
 * @param biasMax m, 8 in the paper
 */
export function alibiSlopes(
  heads: number,
  biasMax: number = 8,
): Float32Array<ArrayBuffer> {
  const power = 2 ** Math.ceil(Math.log2(heads));
  const slopes = Array.from(
    { length: power },
    (_, i) => 2 ** (-biasMax * (i + 1) / power),
  );
  if (power === heads) return Float32Array.from(slopes);
  const even = slopes.filter((_, i) => i % 2 === 1);
  const odd = slopes.filter((_, i) => i % 2 === 0);
  return Float32Array.from([...even, ...odd].slice(0, heads));
}
