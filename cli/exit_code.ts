/**
 * Exit codes of the program.
 *
 * @module
 */

/** Done, failed, wrong usage. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;
