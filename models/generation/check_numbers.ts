/**
 * Whether what a model computed is numbers, so that nobody takes NaN for a
 * result.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/**
 * The values themselves.
 *
 * @param what they are, for messages
 * @throws {RookeryError} `numeric` where one of them is NaN or infinite
 */
export function checkNumbers(
  what: string,
  values: Float32Array,
): Float32Array {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return values;
  throw new RookeryError(
    "numeric",
    `Cannot give ${what} as value ${at} of ${values.length} is ` +
      `${values[at]}: check weights and inputs for NaN and infinity; with ` +
      "values between layers kept as f16, which end at 65504, use f32",
    { path: what, actual: values[at] },
  );
}
