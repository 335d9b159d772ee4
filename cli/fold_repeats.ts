/**
 * Finds what repeats in a list, so that eighty equal layers take one line.
 *
 * @module
 */

/** One item, or a run of items that comes several times. */
export type Folded<Item> =
  | { readonly item: Item; readonly index: number }
  | { readonly times: number; readonly items: readonly Folded<Item>[] };

/** Longest run that is looked for. */
const MOST_PERIOD = 96;

/**
 * A list with its repeats folded, also within runs. Items are equal when their
 * keys are. Where runs compete, the one that covers most is taken, the shortest
 * of those.
 */
export function foldRepeats<Item>(
  items: readonly Item[],
  keyOf: (item: Item, index: number) => string,
): Folded<Item>[] {
  return foldSpan(items, items.map(keyOf), [0, items.length]);
}

/** Folded items below each other, with brackets around runs. */
export interface FoldedRows<Item> {
  /** One row an item that is shown. */
  readonly rows: readonly {
    readonly item: Item;
    readonly index: number;
    /** Runs that it is in. */
    readonly depth: number;
  }[];
  /** Runs by the first and last row that are shown of them. */
  readonly brackets: readonly FoldBracket[];
}

/** A run among rows. */
export interface FoldBracket {
  /** First row. */
  readonly from: number;
  /** Last row. */
  readonly to: number;
  /** How often it comes. */
  readonly times: number;
  /** Runs that it is in. */
  readonly depth: number;
}

/** Rows and brackets of a folded list; outer brackets come first. */
export function foldedRows<Item>(
  folded: readonly Folded<Item>[],
): FoldedRows<Item> {
  const rows: FoldedRows<Item>["rows"][number][] = [];
  const brackets: FoldBracket[] = [];
  const walk = (items: readonly Folded<Item>[], depth: number): void => {
    for (const each of items) {
      if ("item" in each) {
        rows.push({ ...each, depth });
        continue;
      }
      const from = rows.length, at = brackets.length;
      walk(each.items, depth + 1);
      const { times } = each;
      brackets.splice(at, 0, { from, to: rows.length - 1, times, depth });
    }
  };
  walk(folded, 0);
  return { rows, brackets };
}

/** Items from the first index to before the second. */
type Span = readonly [start: number, end: number];

function foldSpan<Item>(
  items: readonly Item[],
  keys: readonly string[],
  [start, end]: Span,
): Folded<Item>[] {
  const folded: Folded<Item>[] = [];
  for (let at = start; at < end;) {
    const { period, times } = bestRun(keys, [at, end]);
    if (times === 1) {
      folded.push({ item: items[at]!, index: at });
    } else {
      const inner: Span = [at, at + period];
      folded.push({ times, items: foldSpan(items, keys, inner) });
    }
    at += period * times;
  }
  return folded;
}

/** The run that begins at the span's start; of one item if none repeats. */
function bestRun(
  keys: readonly string[],
  [start, end]: Span,
): { period: number; times: number } {
  let best = { period: 1, times: 1 };
  const most = Math.min(MOST_PERIOD, Math.floor((end - start) / 2));
  for (let period = 1; period <= most; period++) {
    let at = start + period;
    while (at < end && keys[at] === keys[at - period]) at++;
    const times = Math.floor((at - start) / period);
    const isBetter = times > 1 && times * period > best.times * best.period;
    if (isBetter) best = { period, times };
  }
  return best;
}
