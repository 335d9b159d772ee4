/**
 * Half-precision and brain-float numbers as bit patterns. Single values for
 * headers and tests, whole arrays for weights; not an arithmetic of its own.
 *
 * @module
 */

/** Value of an IEEE half-precision bit pattern (0 to 65535). */
export function f16ToF32(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * Bit pattern of the half-precision number nearest to `value`; ties go to the
 * even one, magnitudes from 65520 on become infinite, every NaN becomes 0x7e00.
 */
export function f32ToF16(value: number): number {
  const rounded = Math.f16round(value);
  if (Number.isNaN(rounded)) return 0x7e00;
  const sign = rounded < 0 || Object.is(rounded, -0) ? 0x8000 : 0;
  const size = Math.abs(rounded);
  if (size === Infinity) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  // The rounded size is an exact half, so its integer part times 2^14 has the
  // exponent in its leading bit.
  const exponent = 31 - Math.clz32(size * 2 ** 14);
  const fraction = (size * 2 ** 24) / 2 ** exponent - 1024;
  return sign | ((exponent + 1) << 10) | fraction;
}

/** Value of a bfloat16 bit pattern (0 to 65535). */
export function bf16ToF32(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}

/** Bit pattern of the bfloat16 nearest to `value`; ties go to the even one. */
export function f32ToBf16(value: number): number {
  return packBf16(Float32Array.of(value))[0]!;
}

/** Half-precision bit patterns of all values, rounded as {@link f32ToF16}. */
export function packF16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return new Uint16Array(new Float16Array(values).buffer);
}

/** Bfloat16 bit patterns of all values, rounded as {@link f32ToBf16}. */
export function packBf16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(
    values.buffer,
    values.byteOffset,
    values.length,
  );
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const word = bits[i]!;
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    // Rounding may not carry a NaN's fraction over into infinity.
    out[i] = isNaN
      ? (word >>> 16) | 0x40
      : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}
