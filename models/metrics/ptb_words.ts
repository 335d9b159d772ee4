/**
 * Words of a caption by the rules of the Penn Treebank, as the caption
 * metrics of COCO split texts before they compare them.
 *
 * @module
 */

const LETTER = "[\\p{L}\\p{M}]";
const WORD = "[\\p{L}\\p{M}\\p{N}]+";
const APOSTROPHE = "['’]";
const NOT_IN_WORD = "(?![\\p{L}\\p{M}\\p{N}])";

/** Titles, months and the like that keep their period. */
const SHORT = "(?:mr|mrs|ms|messrs|dr|drs|jr|sr|st|prof|gen|sgt|capt|col|lt|" +
  "rev|hon|gov|sen|rep|ave|blvd|rd|mt|ft|vs|etc|inc|ltd|co|corp|bros|jan|feb|mar|" +
  "apr|jun|jul|aug|sep|sept|oct|nov|dec|mon|tue|tues|wed|thu|thurs|fri|sat|sun)\\.";

/** Words that are two. */
const DOUBLE: Readonly<Record<string, number>> = {
  cannot: 3,
  gonna: 3,
  gotta: 3,
  lemme: 3,
  gimme: 3,
  wanna: 3,
};

/** What is no word: it is dropped where it stands alone. */
const DROPPED = new Set([
  "''",
  "'",
  "``",
  "`",
  ".",
  "?",
  "!",
  ",",
  ":",
  "-",
  "--",
  "...",
  ";",
]);

const BRACKETS: Readonly<Record<string, string>> = {
  "(": "-lrb-",
  ")": "-rrb-",
  "[": "-lsb-",
  "]": "-rsb-",
  "{": "-lcb-",
  "}": "-rcb-",
};

/** Kinds of tokens, the first that fits is taken. */
const KINDS = new RegExp(
  [
    `(?<address>(?:https?|ftp)://[^\\s<>"()]*[^\\s<>"().,;:!?']|[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+)`,
    `(?<double>(?:${Object.keys(DOUBLE).join("|")})${NOT_IN_WORD})`,
    `(?<not>${LETTER}+(?=n${APOSTROPHE}t${NOT_IN_WORD}))`,
    `(?<ending>n${APOSTROPHE}t${NOT_IN_WORD}|${APOSTROPHE}(?:s|m|d|ll|re|ve)${NOT_IN_WORD})`,
    `(?<decade>${APOSTROPHE}\\d0s${NOT_IN_WORD})`,
    `(?<short>(?:${LETTER}\\.(?:${LETTER}\\.)+|${SHORT})${NOT_IN_WORD})`,
    `(?<number>[-+]?(?:\\d+(?:[.,:]\\d+)+|[.]\\d+)${NOT_IN_WORD})`,
    `(?<fraction>\\d{1,4}/\\d{1,4}(?:/\\d{2,4})?${NOT_IN_WORD})`,
    `(?<word>${WORD}(?:[-_&/]${WORD}|${APOSTROPHE}(?!(?:s|m|d|ll|re|ve|t)${NOT_IN_WORD})${LETTER}+)*)`,
    `(?<dots>\\.{3,}|…)`,
    `(?<dash>-{2,}|[—–])`,
    `(?<calls>[?!]+)`,
    "(?<quote>[\"“”«»]|''|``)",
    `(?<bracket>[()\\[\\]{}])`,
    `(?<other>\\S)`,
  ].join("|"),
  "giuy",
);

/**
 * Words in lower case without punctuation, as `pycocoevalcap`'s tokeniser
 * (Stanford CoreNLP 3.4.1) gives them. Lines are one text.
 */
export function ptbWords(text: string): string[] {
  const words: string[] = [];
  const line = text.replaceAll(/\s+/g, " ");
  KINDS.lastIndex = 0;
  for (let at = 0; at < line.length;) {
    if (line[at] === " ") {
      at++;
      continue;
    }
    KINDS.lastIndex = at;
    const match = KINDS.exec(line)!;
    at += match[0].length;
    const kind = Object.entries(match.groups!).find(([, value]) => value)![0];
    words.push(...wordsOf(kind, match[0].toLowerCase().replaceAll("’", "'")));
  }
  return words.filter((word) => !DROPPED.has(word));
}

function wordsOf(kind: string, token: string): string[] {
  if (kind === "double") {
    const cut = DOUBLE[token]!;
    return [token.slice(0, cut), token.slice(cut)];
  }
  if (["dots", "dash", "quote"].includes(kind)) return [];
  if (kind === "bracket") return [BRACKETS[token]!];
  return [token];
}
