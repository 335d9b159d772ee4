/**
 * Where a product of `project` finds its rows. Not an op.
 *
 * @module
 */

/**
 * Where the rows that are multiplied come from: x as it is, x normed in
 * scratch memory, or x normed by every workgroup for itself, before the
 * product or along with it.
 */
export type RowSource = "plain" | "scratch" | "staged" | "inline";
