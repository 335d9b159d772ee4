/**
 * Text that brings a dense matrix on the device into the f32 layout, so that
 * a product of two activations runs as the product with a weight does.
 *
 * @module
 */

/** Choices of the text. */
export interface PackOptions {
  /**
   * How the source lies, row-major: `nk` has the columns to multiply along
   * (k) last, `kn` has them first.
   */
  readonly order: "nk" | "kn";
  /** Names of the bindings. Default `x` for the source, `w` for the tiles. */
  readonly names?: { readonly x: string; readonly w: string };
}

/** Sizes of one use. */
export interface PackSize {
  /** Rows of the weight that the source stands for. */
  readonly n: number;
  /** Columns of that weight. */
  readonly k: number;
}

/** Fields of the uniform block `p` that the text reads; all u32. */
export interface PackParams extends Readonly<Record<string, number>> {
  /** Rows, without padding. */
  readonly n: number;
  /** Columns, without padding. */
  readonly k: number;
  /** Fours of columns of a row, with padding. */
  readonly fours: number;
}

/** Lanes of a workgroup. */
export const PACK_LANES = 64;

/** Uniforms of one use. */
export function packParams(size: PackSize): PackParams {
  return { n: size.n, k: size.k, fours: 2 * Math.ceil(size.k / 8) };
}

/** Workgroups of one use: rows with their padding across, fours of k down. */
export function packWorkgroups(
  size: PackSize,
): readonly [x: number, y: number, z: number] {
  const rows = Math.ceil(size.n / 16) * 16;
  const { fours } = packParams(size);
  // Each lane packs 4 fours, which shortens a dispatch's list of workgroups.
  return [Math.ceil(rows / PACK_LANES), Math.ceil(fours / 4), 1];
}

/** Bytes of the tiles that the text writes. */
export function packedBytes(size: PackSize): number {
  return Math.ceil(size.n / 16) * 16 * packParams(size).fours * 16;
}

/**
 * Statements of the entry point. They see `gid`, the uniforms of
 * {@link packParams}, `load_X(i)` giving f32, and `W[i]` of `vec4<f32>`.
 * Padding is written as zeros.
 */
export function packBody(options: PackOptions): string {
  const { x, w } = options.names ?? { x: "x", w: "w" };
  const value = (j: number): string => {
    const at = options.order === "nk"
      ? `row * p.k + k${j}`
      : `k${j} * p.n + row`;
    return `    let k${j} = 4u * four + ${j}u;
    let v${j} = select(0.0, load_${x}(${at}), k${j} < p.k && row < p.n);`;
  };
  return `  let row = gid.x;
  if (row >= ((p.n + 15u) & ~15u)) { return; }
  let tile = (row >> 3u) * p.fours;
  let end = min(gid.y * 4u + 4u, p.fours);
  for (var four = gid.y * 4u; four < end; four += 1u) {
${[0, 1, 2, 3].map(value).join("\n")}
    ${w}[(tile + four) * 8u + (row & 7u)] = vec4<f32>(v0, v1, v2, v3);
  }`;
}
