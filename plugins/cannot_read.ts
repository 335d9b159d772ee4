/**
 * The one way in which readers of weights files refuse a file.
 *
 * @module
 */
import { RookeryError } from "../core/errors.ts";

/** Facts beside the message; see `ErrorDetails` of the library's errors. */
export interface ReadFailure {
  /** The rule, in words or numbers. */
  readonly expected?: unknown;
  /** What was found. */
  readonly actual?: unknown;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Error with code `file`: "Cannot read PATH as REASON".
 *
 * @param reason completes the sentence, says the rule, the value and a remedy
 */
export function cannotRead(
  path: string,
  reason: string,
  failure: ReadFailure = {},
): RookeryError {
  return new RookeryError("file", `Cannot read ${path} as ${reason}`, {
    path,
    ...failure,
  });
}

/** Text for messages: as JSON where that can be had, cut when it is long. */
export function quoted(value: unknown): string {
  const text = asJson(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function asJson(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Circular, very deep, or with bigints inside: the kind must do.
    return Object.prototype.toString.call(value);
  }
}
