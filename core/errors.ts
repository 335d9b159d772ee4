/**
 * The one error class of the library, with a code a program can switch on.
 *
 * @module
 */

/** What kind of rule was broken; stable, so that callers can switch on it. */
export type ErrorCode =
  | "shape" // shapes or axes that do not fit
  | "dtype" // a dtype, format or layout that is not supported here
  | "config" // a config key, value or misfit of parts
  | "weights" // tensors missing, left over or of the wrong shape
  | "file" // a file that is missing, cut short or of another format
  | "image" // a picture that cannot or must not be decoded
  | "prompt" // a prompt, label or shot that cannot be used
  | "numeric" // NaN or infinity where a number is needed
  | "memory" // a budget or the device's memory is exceeded
  | "limit" // a device limit or feature is refused
  | "shader" // the device refused a kernel's source
  | "device" // no adapter, or a device that cannot be used
  | "lost" // the device went away
  | "usage"; // the command line or an API was used wrongly

/** Facts about a failure, beside its message. */
export interface ErrorDetails {
  /** Name of the op, e.g. `"matmul"`. */
  readonly op?: string;
  /** Place in the model, file or config, e.g. `"layers.3.self_attn"`. */
  readonly path?: string;
  /** The rule, in words or numbers. */
  readonly expected?: unknown;
  /** What was found. */
  readonly actual?: unknown;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** Every error that Rookery throws on purpose. */
export class RookeryError extends Error {
  /** Kind of the failure. */
  readonly code: ErrorCode;
  /** Facts about the failure. */
  readonly details: ErrorDetails;

  /** Makes an error; the message names the input, the rule and the remedy. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "RookeryError";
    this.code = code;
    this.details = details;
  }
}
