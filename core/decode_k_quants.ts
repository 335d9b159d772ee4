/**
 * The "K" quants of GGUF: blocks of 256 whose parts share one or two halves,
 * scaled by small integers of their own.
 *
 * @module
 */

/** Bytes of a block of 256. */
const Q4_K_BYTES = 144, Q6_K_BYTES = 210;

/** Parts of a Q4_K block: 32 elements with a scale and a minimum each. */
export const Q4_K_PARTS = 8;

/** Byte of a Q4_K block at which its 4-bit levels begin. */
export const Q4_K_LEVELS = 16;

/** Scale and minimum of a part: an element is `scale · level + minimum`. */
export interface PartScale {
  /** 17 significant bits at most, so exact in f32. */
  readonly scale: number;
  /** Zero or the negative of a minimum's size; exact in f32 too. */
  readonly minimum: number;
}

/**
 * Scale and minimum of part `part` (0 to 7) of the Q4_K block at byte `at`.
 * Block: f16 scale, f16 minimum, twelve bytes with eight 6-bit factors for
 * each, 128 bytes of levels.
 */
export function q4KPart(view: DataView, at: number, part: number): PartScale {
  const factor = at + 4 + (part & 3);
  const [a, b, c] = [factor, factor + 4, factor + 8]
    .map((place) => view.getUint8(place)) as [number, number, number];
  // The first four lie in six bits each; the others are four bits of the last
  // byte and the two spare bits of the first two.
  const [scale, minimum] = part < 4
    ? [a & 63, b & 63]
    : [(c & 15) | ((a >> 6) << 4), (c >> 4) | ((b >> 6) << 4)];
  return {
    scale: view.getFloat16(at, true) * scale,
    minimum: -view.getFloat16(at + 2, true) * minimum,
  };
}

/**
 * Blocks of Q4_K. Parts come in pairs: the low nibbles of 32 bytes are the
 * first, the high nibbles the second.
 */
export function decodeQ4K(
  bytes: Uint8Array<ArrayBuffer>,
  out: Float32Array,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, to = 0; at < bytes.length; at += Q4_K_BYTES) {
    for (let part = 0; part < Q4_K_PARTS; part++, to += 32) {
      const { scale, minimum } = q4KPart(view, at, part);
      const from = at + Q4_K_LEVELS + (part >> 1) * 32;
      const shift = (part & 1) * 4;
      for (let i = 0; i < 32; i++) {
        const level = (bytes[from + i]! >> shift) & 15;
        out[to + i] = scale * level + minimum;
      }
    }
  }
}

/**
 * Blocks of Q6_K: 128 bytes of low nibbles, 64 bytes of pairs of high bits,
 * sixteen signed factors for 16 elements each, f16 scale; value = scale ·
 * factor · (level − 32). In each half, four runs of 32 elements share 64
 * bytes of nibbles and 32 bytes of bits.
 */
export function decodeQ6K(
  bytes: Uint8Array<ArrayBuffer>,
  out: Float32Array,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0, to = 0; at < bytes.length; at += Q6_K_BYTES) {
    const scale = view.getFloat16(at + 208, true);
    for (let run = 0; run < 8; run++, to += 32) {
      const half = run >> 2, quarter = run & 3;
      const low = at + half * 64 + (quarter & 1) * 32;
      const high = at + 128 + half * 32;
      for (let i = 0; i < 32; i++) {
        const nibble = (bytes[low + i]! >> ((quarter >> 1) * 4)) & 15;
        const bits = (bytes[high + i]! >> (quarter * 2)) & 3;
        const factor = view.getInt8(at + 192 + run * 2 + (i >> 4));
        out[to + i] = scale * factor * ((nibble | (bits << 4)) - 32);
      }
    }
  }
}
