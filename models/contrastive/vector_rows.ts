/**
 * Arithmetic on small tables of vectors, on the host in 64 bits: a few hundred
 * vectors are done before a kernel would be.
 *
 * @module
 */

/** Rows of `width` values, each divided by its length (L2). */
export function normalisedRows(
  values: Float32Array,
  width: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += width) {
    let squares = 0;
    for (let i = at; i < at + width; i++) squares += values[i]! ** 2;
    const length = Math.sqrt(squares);
    for (let i = at; i < at + width; i++) out[i] = values[i]! / length;
  }
  return out;
}

/** `scale · a bᵀ`: `a` [i, width], `b` [j, width] → [i, j]. */
export function dotProducts(
  a: Float32Array,
  b: Float32Array,
  { width, scale }: { readonly width: number; readonly scale: number },
): Float32Array<ArrayBuffer> {
  const rows = a.length / width, columns = b.length / width;
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let x = 0; x < width; x++) {
        sum += a[i * width + x]! * b[j * width + x]!;
      }
      out[i * columns + j] = scale * sum;
    }
  }
  return out;
}
