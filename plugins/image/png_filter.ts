/**
 * Undoes PNG's row filters. Source: W3C PNG specification, 9.2.
 *
 * @module
 */

/**
 * Unfilters `rows` rows of `1 + rowBytes` bytes from `at` on, in place.
 *
 * `pixelBytes` is the distance to the same sample of the pixel to the left, at
 * least 1. Returns false if a row names a filter the format does not know.
 */
export function unfilterPng(
  data: Uint8Array,
  at: number,
  size: { rows: number; rowBytes: number; pixelBytes: number },
): boolean {
  const { rows, rowBytes, pixelBytes } = size;
  const stride = rowBytes + 1;
  for (let y = 0, start = at; y < rows; y++, start += stride) {
    const filter = data[start]!;
    const from = start + 1;
    const above = y === 0 ? -1 : from - stride;
    if (filter === 1) unfilterLeft(data, from, from + rowBytes, pixelBytes);
    else if (filter === 2) unfilterUp(data, from, rowBytes, above);
    else if (filter === 3) unfilterMean(data, from, size, above);
    else if (filter === 4) unfilterPaeth(data, from, size, above);
    else if (filter !== 0) return false;
  }
  return true;
}

function unfilterLeft(
  data: Uint8Array,
  from: number,
  to: number,
  pixelBytes: number,
): void {
  for (let i = from + pixelBytes; i < to; i++) {
    data[i] = data[i]! + data[i - pixelBytes]!;
  }
}

function unfilterUp(
  data: Uint8Array,
  from: number,
  rowBytes: number,
  above: number,
): void {
  if (above < 0) return; // the row above the first counts as zeros
  for (let i = 0; i < rowBytes; i++) {
    data[from + i] = data[from + i]! + data[above + i]!;
  }
}

function unfilterMean(
  data: Uint8Array,
  from: number,
  size: { rowBytes: number; pixelBytes: number },
  above: number,
): void {
  const { rowBytes, pixelBytes } = size;
  for (let i = 0; i < rowBytes; i++) {
    const left = i < pixelBytes ? 0 : data[from + i - pixelBytes]!;
    const up = above < 0 ? 0 : data[above + i]!;
    data[from + i] = data[from + i]! + ((left + up) >> 1);
  }
}

function unfilterPaeth(
  data: Uint8Array,
  from: number,
  size: { rowBytes: number; pixelBytes: number },
  above: number,
): void {
  const { rowBytes, pixelBytes } = size;
  for (let i = 0; i < rowBytes; i++) {
    const isFirst = i < pixelBytes;
    const left = isFirst ? 0 : data[from + i - pixelBytes]!;
    const up = above < 0 ? 0 : data[above + i]!;
    const corner = isFirst || above < 0 ? 0 : data[above + i - pixelBytes]!;
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    data[from + i] = data[from + i]! +
      (toLeft <= toUp && toLeft <= toCorner
        ? left
        : toUp <= toCorner
        ? up
        : corner);
  }
}
