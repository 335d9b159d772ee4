/**
 * SentencePiece's BPE (Kudo and Richardson, 2018): neighbours are merged while
 * they make a piece, the one with the highest score first. What makes none is
 * spelled by bytes.
 *
 * @module
 */

import type { TokenModel } from "./token_model.ts";
import { MergeQueue } from "./merge_queue.ts";

/** Kinds of pieces, by their numbers in sentencepiece models and GGUF files. */
export const PIECE = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;

/** A piece of a vocabulary. Its id is its place. */
export interface Piece {
  /** As it is spelled. */
  readonly text: string;
  /** Pieces with higher scores are merged first. */
  readonly score: number;
  /** One of {@link PIECE}. */
  readonly kind: number;
}

/** A vocabulary of scored pieces. Spaces must be spelled as it does. */
export function spmModel(pieces: readonly Piece[]): TokenModel {
  const ids = new Map(pieces.map(({ text }, id) => [text, id]));
  const spoken = new Map<string, number>();
  for (const [id, { text, kind }] of pieces.entries()) {
    const isText = kind === PIECE.normal || kind === PIECE.userDefined ||
      kind === PIECE.unused;
    if (isText) spoken.set(text, id);
  }
  const unknown = pieces.findIndex(({ kind }) => kind === PIECE.unknown);
  const rules: Rules = { pieces, spoken, bytes: byteIds(pieces), unknown };
  return {
    tokens: pieces.map(({ text }) => text),
    idOf: (token) => ids.get(token),
    encode: (texts) => texts.flatMap((text) => idsOf(text, rules)),
  };
}

interface Rules {
  readonly pieces: readonly Piece[];
  /** Ids of the pieces that text may become. */
  readonly spoken: ReadonlyMap<string, number>;
  /** Ids of the 256 bytes; undefined unless there are all. */
  readonly bytes: readonly number[] | undefined;
  /** Id of what is not known, -1 without one. */
  readonly unknown: number;
}

function byteIds(pieces: readonly Piece[]): number[] | undefined {
  const ids: number[] = [];
  for (const [id, { text, kind }] of pieces.entries()) {
    if (kind === PIECE.byte) ids[parseInt(text.slice(3, 5), 16)] = id;
  }
  const found = Array.from({ length: 256 }, (_, byte) => ids[byte]);
  return found.includes(undefined) ? undefined : found as number[];
}

/** Letters and what becomes of them, as a list that merges shorten. */
interface Symbols {
  /** Texts; empty for those that were merged into an earlier one. */
  readonly texts: string[];
  /** Places of the neighbours; -1 and the count beyond the ends. */
  readonly before: number[];
  readonly after: number[];
}

function idsOf(text: string, rules: Rules): number[] {
  const texts = Array.from(text);
  const symbols: Symbols = {
    texts,
    before: texts.map((_, i) => i - 1),
    after: texts.map((_, i) => i + 1),
  };
  const parts = mergeAll(symbols, rules);
  const ids: number[] = [];
  for (let at = 0; at < texts.length; at = symbols.after[at]!) {
    addIds(ids, symbols.texts[at]!, parts, rules);
  }
  return ids;
}

/** Merges; tells of which two parts each made text was put together. */
function mergeAll(
  { texts, before, after }: Symbols,
  { spoken, pieces }: Rules,
): Map<string, readonly [string, string]> {
  const parts = new Map<string, readonly [string, string]>();
  const queue = new MergeQueue();
  const offer = (left: number, right: number) => {
    if (left < 0 || right >= texts.length) return;
    const made = texts[left]! + texts[right]!;
    const id = spoken.get(made);
    if (id === undefined) return;
    parts.set(made, [texts[left]!, texts[right]!]);
    const { score } = pieces[id]!;
    queue.push({ score, left, right, length: made.length });
  };
  for (let i = 1; i < texts.length; i++) offer(i - 1, i);
  for (let merge = queue.pop(); merge; merge = queue.pop()) {
    const { left, right, length } = merge;
    // One of the two was merged with another neighbour meanwhile.
    const isStale = texts[left] === "" || texts[right] === "" ||
      texts[left]!.length + texts[right]!.length !== length;
    if (isStale) continue;
    texts[left] += texts[right]!;
    texts[right] = "";
    after[left] = after[right]!;
    if (after[left]! < texts.length) before[after[left]!] = left;
    offer(before[left]!, left);
    offer(left, after[left]!);
  }
  return parts;
}

function addIds(
  ids: number[],
  text: string,
  parts: ReadonlyMap<string, readonly [string, string]>,
  rules: Rules,
): void {
  const id = rules.spoken.get(text);
  if (id !== undefined && rules.pieces[id]!.kind !== PIECE.unused) {
    ids.push(id);
    return;
  }
  const made = parts.get(text);
  if (made !== undefined) {
    for (const part of made) addIds(ids, part, parts, rules);
  } else if (rules.bytes !== undefined) {
    const bytes = new TextEncoder().encode(text);
    ids.push(...Array.from(bytes, (byte) => rules.bytes![byte]!));
  } else if (rules.unknown >= 0 && ids.at(-1) !== rules.unknown) {
    // Letters in a row that are not known are one unknown piece.
    ids.push(rules.unknown);
  }
}
