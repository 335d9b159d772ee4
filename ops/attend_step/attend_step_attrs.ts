/**
 * Attributes of `attendStep`.
 *
 * @module
 */

/** Attributes of `attendStep`. */
export interface AttendStepAttrs {
  /** Query heads, h. */
  readonly heads: number;
  /** Factor of the scores, mostly `1 / sqrt(k)`. */
  readonly scale: number;
  /** Which elements turn together, as in `rope`; false by default. */
  readonly isInterleaved?: boolean;
}
