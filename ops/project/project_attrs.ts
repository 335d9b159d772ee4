/**
 * Attributes of `project`.
 *
 * @module
 */

import type { AnyOp } from "../../core/op.ts";

/** Attributes of `project`. */
export interface ProjectAttrs {
  /** How many weights there are, n: 1 to 3. */
  readonly weights: number;
  /** Norm of `x` over its last axis before the products; none by default. */
  readonly norm?: ProjectNorm;
  /** Whether each weight has a bias; false by default. */
  readonly hasBias?: boolean;
  /** Elementwise op on the first weight's result, a name or none by default. */
  readonly activation?: ProjectActivation;
  /**
   * What becomes of several results: `"concat"` (the default) puts them side by
   * side, `"gate"` multiplies the second of two to the activated first.
   */
  readonly join?: "concat" | "gate";
  /** A factor of the joined result, before the residual; none by default. */
  readonly gain?: ProjectGain;
  /** Whether the last operand is added to the result; false by default. */
  readonly hasResidual?: boolean;
}

/** A norm as `rmsNorm` and `layerNorm` define it. */
export interface ProjectNorm {
  /** Which one. */
  readonly kind: "rms" | "layer";
  /** As in their attributes. */
  readonly eps: number;
  /** Operands beside x: none, scale, or scale and bias. */
  readonly operands: 0 | 1 | 2;
}

/** An elementwise op of one operand and its attributes. */
export interface ProjectActivation {
  /** The op; it must have a formula (`element`). */
  readonly op: AnyOp;
  /** Its attributes. */
  readonly attrs: object;
}

/** A factor [1] or [n], or an elementwise op of it, as gated layers have. */
export interface ProjectGain {
  /** The op; the operand itself where left out. */
  readonly activation?: ProjectActivation;
}
