/**
 * Patterns of tokenizer.json files, and how text is cut where they match.
 *
 * @module
 */

import { SplitPreTokenizer } from "@huggingface/tokenizers";
import { asObject } from "../json_file.ts";

/** What becomes of the matches of a pattern. */
export type CutBehavior =
  | "Removed"
  | "Isolated"
  | "MergedWithPrevious"
  | "MergedWithNext"
  | "Contiguous";

/** How text is cut. */
export interface Cut {
  /** Global pattern of what is cut out. */
  readonly pattern: RegExp;
  /** What becomes of it. */
  readonly behavior: CutBehavior;
  /** Whether what does not match counts as the matches. */
  readonly isInverted?: boolean;
}

/**
 * A `{ Regex }` or `{ String }` of a tokenizer.json as a global expression;
 * whitespace, digits and words mean what they do in Unicode.
 *
 * @throws {Error} for another value, or a syntax that is not known
 */
export function patternOf(value: unknown): RegExp {
  const { Regex, String: text } = asObject(value) ?? {};
  const given = typeof Regex === "string"
    ? { Regex }
    : typeof text === "string" && text !== ""
    ? { String: text }
    : undefined;
  const { pattern } = given === undefined ? { pattern: null } : splitOf(given);
  if (pattern !== null) return pattern;
  throw new Error(`the pattern ${JSON.stringify(value)} is none`);
}

/** The package's class is the only door to its translation of patterns. */
function splitOf(pattern: { Regex: string } | { String: string }) {
  return new SplitPreTokenizer({
    type: "Split",
    pattern,
    behavior: "Isolated",
    invert: false,
  });
}

/** Pieces of a text; none is empty. */
export function cutText(text: string, cut: Cut): string[] {
  const pieces = merged(spansOf(text, cut), cut.behavior);
  return pieces.map(({ start, end }) => text.slice(start, end))
    .filter((piece) => piece !== "");
}

/** A stretch of text that matches, or that lies between matches. */
interface Span {
  readonly start: number;
  end: number;
  readonly isMatch: boolean;
}

function spansOf(text: string, { pattern, isInverted = false }: Cut): Span[] {
  const spans: Span[] = [];
  let at = 0;
  const add = (end: number, isMatch: boolean) => {
    if (end > at) spans.push({ start: at, end, isMatch });
    at = Math.max(at, end);
  };
  for (const { index, 0: { length } } of text.matchAll(pattern)) {
    add(index, isInverted);
    add(index + length, !isInverted);
  }
  add(text.length, isInverted);
  return spans;
}

function merged(spans: readonly Span[], behavior: CutBehavior): Span[] {
  switch (behavior) {
    case "Isolated":
      return [...spans];
    case "Removed":
      return spans.filter(({ isMatch }) => !isMatch);
    case "Contiguous":
      return joined(spans, (last, span) => last.isMatch === span.isMatch);
    case "MergedWithPrevious":
      return joined(spans, (last, span) => span.isMatch && !last.isMatch);
    case "MergedWithNext":
      return joined(spans, (last, span) => last.isMatch && !span.isMatch);
  }
}

/** Spans of which those that belong to the one before are one with it. */
function joined(
  spans: readonly Span[],
  isOne: (last: Span, span: Span) => boolean,
): Span[] {
  const out: Span[] = [];
  for (const [i, span] of spans.entries()) {
    const last = spans[i - 1];
    if (last !== undefined && isOne(last, span)) out.at(-1)!.end = span.end;
    else out.push({ ...span });
  }
  return out;
}
