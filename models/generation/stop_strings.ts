/**
 * Ends a stream of text at the first stop string.
 *
 * @module
 */

/** Text on its way out, looked through for stop strings. */
export class StopStrings {
  readonly #stops: readonly string[];
  /** Text that may be the beginning of a stop string. */
  #held = "";
  #isStopped = false;

  /** Looks for any of `stops`; none of them is empty. */
  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** Whether a stop string came; nothing comes after it. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Takes more text; gives what is certain not to be part of a stop string.
   * The stop string that is complete first counts, the longest where several
   * end at one place; so it does not matter in what pieces text comes.
   */
  push(text: string): string {
    if (this.#isStopped) return "";
    const all = this.#held + text;
    const cut = firstStop(all, this.#stops);
    this.#isStopped = cut !== undefined;
    const end = cut ?? all.length - heldLength(all, this.#stops);
    this.#held = this.#isStopped ? "" : all.slice(end);
    return all.slice(0, end);
  }

  /** The text that was held back, when no more comes. */
  end(): string {
    const text = this.#held;
    this.#held = "";
    return text;
  }
}

/** A whole text up to its first stop string. */
export function cutAtStop(text: string, stops: readonly string[]): string {
  return text.slice(0, firstStop(text, stops) ?? text.length);
}

/** Where the stop string begins that ends first. */
function firstStop(text: string, stops: readonly string[]): number | undefined {
  let best: { readonly start: number; readonly end: number } | undefined;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const end = start + stop.length;
    const isBetter = best === undefined || end < best.end ||
      (end === best.end && start < best.start);
    if (isBetter) best = { start, end };
  }
  return best?.start;
}

/** Length of the longest end of a text that some stop string begins with. */
function heldLength(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    const most = Math.min(stop.length - 1, text.length);
    for (let length = most; length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
