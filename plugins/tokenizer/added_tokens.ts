/**
 * Tokens that are cut out of a text before all else, such as `<|im_start|>` or
 * a run of spaces, by the rules of the reference implementation.
 *
 * @module
 */

import { asObject, type JsonObject } from "../json_file.ts";
import { isTokenId } from "./check_model.ts";
import type { Normalize } from "./normalizer.ts";

/** A token beside a vocabulary's own. */
export interface AddedToken {
  /** Its id. */
  readonly id: number;
  /** As text spells it. */
  readonly content: string;
  /** Whether text must not spell it by chance. */
  readonly isSpecial: boolean;
  /** Whether it is looked for in text as the normalizer leaves it. */
  readonly isNormalized: boolean;
  /** Whether it must not stand within a word. */
  readonly isWord: boolean;
  /** Whether it takes whitespace before it with it. */
  readonly stripsLeft: boolean;
  /** Whether it takes whitespace after it with it. */
  readonly stripsRight: boolean;
}

/** A stretch of text, normalized, or a token that was cut out. */
export type Section =
  | { readonly text: string; readonly isFirst: boolean }
  | { readonly id: number };

/**
 * An entry of `added_tokens` in a tokenizer.json.
 *
 * @throws {Error} for one without id or content
 */
export function addedTokenOf(value: unknown): AddedToken {
  const node = asObject(value) ?? {};
  const { id, content } = node;
  if (!isTokenId(id) || typeof content !== "string") {
    throw new Error(`its added token ${JSON.stringify(value)} is none`);
  }
  return { id, content, ...traitsOf(node) };
}

function traitsOf(node: JsonObject): Omit<AddedToken, "id" | "content"> {
  const isSpecial = node["special"] === true;
  return {
    isSpecial,
    isNormalized: (node["normalized"] ?? !isSpecial) === true,
    isWord: node["single_word"] === true,
    stripsLeft: node["lstrip"] === true,
    stripsRight: node["rstrip"] === true,
  };
}

/** Cuts a text; special tokens stay text unless `hasSpecial`. */
export type CutSections = (text: string, hasSpecial: boolean) => Section[];

/**
 * What cuts tokens out of texts: those that are not normalized first, the
 * others of what is left, after its normalization.
 */
export function createSections(
  tokens: readonly AddedToken[],
  normalize: Normalize,
): CutSections {
  const exact = new TokenFinder(
    tokens.filter(({ isNormalized }) => !isNormalized),
  );
  const normal = new TokenFinder(
    tokens.filter(({ isNormalized }) => isNormalized)
      .map((token) => ({ ...token, content: normalize(token.content) })),
  );
  return (text, hasSpecial) =>
    exact.cut({ text, isFirst: true }, hasSpecial).flatMap((section) =>
      "id" in section ? [section] : normal.cut(
        { ...section, text: normalize(section.text) },
        hasSpecial,
      )
    );
}

/** Finds the first of some tokens in texts, the longest where several begin. */
class TokenFinder {
  /** By their first unit, longest first. */
  readonly #tokens = new Map<string, AddedToken[]>();

  constructor(tokens: readonly AddedToken[]) {
    const longestFirst = tokens.filter(({ content }) => content !== "")
      .toSorted((a, b) => b.content.length - a.content.length);
    for (const token of longestFirst) {
      const start = token.content[0]!;
      this.#tokens.set(start, [...this.#tokens.get(start) ?? [], token]);
    }
  }

  /** Tokens and the text between them; no text is empty. */
  cut(
    { text, isFirst }: Extract<Section, { text: string }>,
    hasSpecial: boolean,
  ): Section[] {
    const sections: Section[] = [];
    let done = 0;
    const addText = (end: number) => {
      if (end <= done) return;
      const piece = text.slice(done, end);
      sections.push({ text: piece, isFirst: isFirst && done === 0 });
    };
    for (let at = 0; at < text.length;) {
      const token = this.#tokenAt(text, at);
      const end = at + (token?.content.length ?? 1);
      if (
        token !== undefined && isTaken(text, { token, at, end }, hasSpecial)
      ) {
        addText(token.stripsLeft ? spacesBefore(text, at) : at);
        sections.push({ id: token.id });
        done = token.stripsRight ? spacesAfter(text, end) : end;
      }
      at = end;
    }
    addText(text.length);
    return sections;
  }

  #tokenAt(text: string, at: number): AddedToken | undefined {
    return this.#tokens.get(text[at]!)
      ?.find(({ content }) => text.startsWith(content, at));
  }
}

/** A token that text spells somewhere. */
interface Found {
  readonly token: AddedToken;
  readonly at: number;
  readonly end: number;
}

/** Whether it is cut out; if not, it is text as a whole. */
function isTaken(
  text: string,
  { token: { isSpecial, isWord }, at, end }: Found,
  hasSpecial: boolean,
): boolean {
  if (isSpecial && !hasSpecial) return false;
  if (!isWord) return true;
  const before = text.slice(0, at), after = text.slice(end);
  const letter = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]";
  return !new RegExp(`${letter}$`, "u").test(before) &&
    !new RegExp(`^${letter}`, "u").test(after);
}

/** Where the whitespace before a place begins. */
function spacesBefore(text: string, at: number): number {
  return text.slice(0, at).replace(/\p{White_Space}+$/u, "").length;
}

/** Where the whitespace after a place ends. */
function spacesAfter(text: string, at: number): number {
  return text.length - text.slice(at).replace(/^\p{White_Space}+/u, "").length;
}
