/**
 * Errors as people read them.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";

/**
 * An error in words: the message alone where it was thrown on purpose, else
 * with its stack, since then it is a fault of the program.
 */
export function messageOf(error: unknown): string {
  if (error instanceof RookeryError) return error.message;
  const detail = error instanceof Error ? error.stack : undefined;
  return `Unexpected failure, please report it: ${detail ?? error}`;
}
