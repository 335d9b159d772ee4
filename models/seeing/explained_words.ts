/**
 * What is known of tokens, gathered by words.
 *
 * @module
 */

import type { TokenChance } from "../../ops/top_entries.ts";
import type { Tokenizer } from "../slots.ts";
import { type Grounding, SUPPORT_THRESHOLD } from "./grounding.ts";
import type { PictureRegion } from "./read_regions.ts";
import { wordsOf } from "./words.ts";

/** A token and what it was made of. */
export interface ExplainedToken {
  /** Its id. */
  readonly token: number;
  /** Natural logarithm of its chance. */
  readonly logprob: number;
  /** The likeliest others in its place, the best first. */
  readonly runnersUp: readonly TokenChance[];
  /** What it read of the pictures that it sees. */
  readonly regions: readonly PictureRegion[];
  /** What the picture adds to its log-likelihood; undefined if not asked. */
  readonly grounding: Grounding | undefined;
}

/** A word of an explained text. */
export interface ExplainedWord {
  /** The word, trimmed; the token's own spelling for a mark. */
  readonly text: string;
  /** Product of its tokens' chances. */
  readonly chance: number;
  /** What might have come in place of its first token. */
  readonly runnersUp: readonly {
    readonly text: string;
    readonly chance: number;
  }[];
  /** What its tokens read, their mean. */
  readonly regions: readonly PictureRegion[];
  /** Sums over its tokens. */
  readonly grounding: Grounding | undefined;
  /** Whether the picture speaks for it; undefined if that was not asked. */
  readonly isSupported: boolean | undefined;
  /** Whether it is a mark, e.g. the end of the text. */
  readonly isMark: boolean;
  /** Its tokens. */
  readonly tokens: readonly ExplainedToken[];
}

/** Words of a text's tokens. */
export function explainedWords(
  tokens: readonly ExplainedToken[],
  tokenizer: Tokenizer,
  threshold: number = SUPPORT_THRESHOLD,
): ExplainedWord[] {
  const decoder = tokenizer.streamDecoder({ skipSpecial: true });
  const pieces = tokens.map(({ token }) => decoder.push(token));
  const rest = decoder.end();
  if (rest !== "") pieces[pieces.length - 1] += rest;
  return wordsOf(pieces).map((places): ExplainedWord => {
    const own = places.map((place) => tokens[place]!);
    const text = places.map((place) => pieces[place]).join("").trim();
    const isMark = text === "";
    const grounding = summed(own);
    return {
      text: isMark ? markText(own[0]!.token, tokenizer) : text,
      chance: Math.exp(own.reduce((sum, { logprob }) => sum + logprob, 0)),
      runnersUp: own[0]!.runnersUp.map(({ token, logprob }) => ({
        text: tokenizer.decode([token]),
        chance: Math.exp(logprob),
      })),
      regions: meanRegions(own.map(({ regions }) => regions)),
      grounding,
      isSupported: grounding && !isMark
        ? grounding.overBlank > threshold
        : undefined,
      isMark,
      tokens: own,
    };
  });
}

/** What stands for a mark: a sign for a line's end, or the mark's own name. */
function markText(token: number, tokenizer: Tokenizer): string {
  const isLineEnd = tokenizer.decode([token]).includes("\n");
  return isLineEnd ? "⏎" : tokenizer.tokenOf(token) ?? "";
}

function summed(tokens: readonly ExplainedToken[]): Grounding | undefined {
  let overClosed = 0, overBlank = 0;
  for (const { grounding } of tokens) {
    if (grounding === undefined) return undefined;
    overClosed += grounding.overClosed;
    overBlank += grounding.overBlank;
  }
  return { overClosed, overBlank };
}

/** Means over tokens; maps weigh by what each token gives the picture. */
function meanRegions(
  all: readonly (readonly PictureRegion[])[],
): PictureRegion[] {
  return all[0]!.map((first, i) => {
    const own = all.map((regions) => regions[i]!);
    const total = own.reduce((sum, { share }) => sum + share, 0);
    const mean = (valueOf: (region: PictureRegion) => number): number =>
      total === 0
        ? 0
        : own.reduce((sum, region) => sum + region.share * valueOf(region), 0) /
          total;
    return {
      picture: first.picture,
      share: total / own.length,
      side: first.side,
      maps: first.maps.map((map, frame) =>
        map.map((_, cell) => mean(({ maps }) => maps[frame]![cell]!))
      ),
      elsewhere: mean(({ elsewhere }) => elsewhere),
    };
  });
}
