/**
 * Why a sequence's next token could not be drawn.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { CONTROL_ERROR } from "../../ops/control_row.ts";

/**
 * The error of a sequence whose control row says so.
 *
 * @param error a value of `CONTROL_ERROR` other than 0
 * @param drawn tokens that were drawn before
 */
export function drawFailure(error: number, drawn: number): RookeryError {
  const isNothingLeft = error === CONTROL_ERROR.nothingLeft;
  const reason = isNothingLeft
    ? "every token that is not banned has a logit of −∞: ban fewer tokens"
    : "the logits hold NaN or infinity: check weights and inputs " +
      "(checkWeights finds the tensor); with values between layers kept as " +
      "f16, which end at 65504, use f32";
  return new RookeryError(
    "numeric",
    `Cannot draw token ${drawn + 1} of a sequence as ${reason}`,
    {
      path: "logits",
      expected: isNothingLeft ? "a token to draw" : "numbers",
      actual: isNothingLeft ? -Infinity : NaN,
    },
  );
}
