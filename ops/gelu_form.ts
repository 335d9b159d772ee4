/**
 * The two forms of GELU, which the op and its slope share.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";

/** Attributes of `gelu` and `geluSlope`. */
export interface GeluAttrs {
  /**
   * `none` is exact: `x · Φ(x)` with the normal distribution Φ; `tanh` the
   * approximation `x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³)))`.
   */
  readonly approximate: "none" | "tanh";
}

/** Refuses other forms. */
export function checkGelu(op: string, { approximate }: GeluAttrs): void {
  if (approximate === "none" || approximate === "tanh") return;
  throw new RookeryError(
    "config",
    `Cannot apply ${op} with approximate "${approximate}": use "none" for ` +
      'the exact form or "tanh"',
    { op, expected: ["none", "tanh"], actual: approximate },
  );
}

/** √(2/π), the slope of the tanh form's argument at 0. */
export const TANH_SCALE: number = Math.sqrt(2 / Math.PI);

/** Weight of the cube in the tanh form's argument. */
export const TANH_CUBE = 0.044715;
