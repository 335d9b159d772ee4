/**
 * Unpacks the variable-length LZW codes of a GIF frame.
 * Source: GIF89a specification, appendix F.
 *
 * @module
 */

const TABLE = 4096; // codes have at most 12 bits

/**
 * Reads palette indices into `out`, row by row, from the code size byte at
 * `at`. Returns how many were read: fewer than `out.length` if the data end or
 * break early.
 */
export function unpackGifCodes(
  bytes: Uint8Array,
  at: number,
  out: Uint8Array,
): number {
  const start = bytes[at] ?? 0;
  if (start < 1 || start > 11) return 0;
  const clear = 1 << start;
  const before = new Uint16Array(TABLE); // code without its last index
  const last = new Uint8Array(TABLE);
  const depth = new Uint16Array(TABLE); // indices of a code
  for (let i = 0; i < clear; i++) {
    last[i] = i;
    depth[i] = 1;
  }
  const nextBits = codeReader(bytes, at + 1);
  let bits = start + 1;
  let free = clear + 2;
  let previous = -1;
  let done = 0;
  while (done < out.length) {
    const code = nextBits(bits);
    if (code < 0 || code === clear + 1) break;
    if (code === clear) {
      bits = start + 1;
      free = clear + 2;
      previous = -1;
      continue;
    }
    if (code > free || (code === free && previous < 0)) break; // damaged
    // A code not yet made is the previous one and its own first index.
    const known = code < free ? code : previous;
    const count = depth[known]! + (code < free ? 0 : 1);
    let walk = known;
    let to = done + depth[known]! - 1;
    for (; depth[walk]! > 1; to--) {
      if (to < out.length) out[to] = last[walk]!;
      walk = before[walk]!;
    }
    const first = last[walk]!;
    out[done] = first;
    if (code >= free && done + count <= out.length) {
      out[done + count - 1] = first;
    }
    done += count;
    if (previous >= 0 && free < TABLE) {
      before[free] = previous;
      last[free] = first;
      depth[free] = depth[previous]! + 1;
      free++;
      if (free === 1 << bits && bits < 12) bits++;
    }
    previous = code;
  }
  return Math.min(done, out.length);
}

/** Reads codes from data sub-blocks, least significant bit first; -1 = end. */
function codeReader(
  bytes: Uint8Array,
  from: number,
): (bits: number) => number {
  let left = bytes[from] ?? 0; // bytes of the present sub-block
  let at = from + 1;
  let held = 0;
  let heldBits = 0;
  return (bits) => {
    while (heldBits < bits) {
      if (left === 0 || at >= bytes.length) return -1;
      held |= bytes[at++]! << heldBits;
      heldBits += 8;
      if (--left === 0) left = bytes[at++] ?? 0;
    }
    const code = held & ((1 << bits) - 1);
    held >>>= bits;
    heldBits -= bits;
    return code;
  };
}
