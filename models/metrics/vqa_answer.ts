/**
 * Answers in the form in which visual question answering compares them
 * (Antol et al. 2015, the official evaluation's rules).
 *
 * @module
 */

/** Marks that are removed or become spaces. */
const MARKS = [...';/[]"{}()=+\\_-><@`,?!'];

const NUMBERS: Readonly<Record<string, string>> = {
  none: "0",
  zero: "0",
  one: "1",
  two: "2",
  three: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
  ten: "10",
};

const ARTICLES = new Set(["a", "an", "the"]);

/** Words whose apostrophe people leave out. */
const CONTRACTIONS =
  ("ain't aren't can't could've couldn't couldn't've didn't doesn't don't " +
    "hadn't hadn't've hasn't haven't he'd he'd've he's how'd how'll how's isn't " +
    "it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've " +
    "needn't not've o'clock oughtn't 'ow's'at shan't she'd've should've shouldn't " +
    "shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've " +
    "someone'll someone's something'd something'd've something'll that's there'd " +
    "there'd've there're there's they'd they'd've they'll they're they've 'twas " +
    "wasn't we'd've we've weren't what'll what're what's what've when's where'd " +
    "where's where've who'd who'd've who'll who's who've why'll why're why's " +
    "won't would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd you'd've " +
    "you'll you're you've").split(" ");

/** A word with one apostrophe missing, to the right one. */
const REPAIRED: ReadonlyMap<string, string> = new Map([
  ...CONTRACTIONS.flatMap((word) =>
    [...word.matchAll(/'/g)].map(({ index }) =>
      [word.slice(0, index) + word.slice(index + 1), word] as const
    )
  ),
  // The one entry of the official table that goes the other way.
  ["somebody'd", "somebodyd"],
]);

/** Most periods that the official rule takes out of an answer. */
const MOST_PERIODS = 32;

/**
 * An answer without marks, articles and capitals, with digits for small
 * numbers and apostrophes where they belong: equal answers become equal texts.
 */
export function vqaAnswer(text: string): string {
  return withoutMarks(text.replaceAll(/[\n\t]/g, " ").trim())
    .toLowerCase().split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => Object.hasOwn(NUMBERS, word) ? NUMBERS[word]! : word)
    .filter((word) => !ARTICLES.has(word))
    .map((word) => REPAIRED.get(word) ?? word)
    .join(" ");
}

/** A mark beside a space, or any beside grouped digits, leaves no space. */
function withoutMarks(text: string): string {
  const isGrouped = /\p{Nd},\p{Nd}/u.test(text);
  const bare = MARKS.reduce((rest, mark) => {
    const isLoose = text.includes(`${mark} `) || text.includes(` ${mark}`);
    return rest.replaceAll(mark, isLoose || isGrouped ? "" : " ");
  }, text);
  let left = MOST_PERIODS;
  return bare.replaceAll(/\.(?!\p{Nd})/gu, (dot) => left-- > 0 ? "" : dot);
}
