/**
 * The one sentence form of all picture errors: what, which file, why.
 *
 * @module
 */

import { type ErrorDetails, RookeryError } from "../../core/errors.ts";

/**
 * Makes an error of code `"image"` that names the picture and the reason.
 *
 * `reason` continues "Cannot read picture "x" as …" and may end with what to
 * do after a colon.
 */
export function pictureError(
  name: string,
  reason: string,
  details: ErrorDetails = {},
): RookeryError {
  return new RookeryError(
    "image",
    `Cannot read picture "${name}" as ${reason}`,
    { path: name, ...details },
  );
}
