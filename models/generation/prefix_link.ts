/**
 * A page of a sequence as the prefix cache knows it.
 *
 * @module
 */

/** What a page goes by, and what it is called after that. */
export interface PrefixLink {
  /** What the page goes by. */
  readonly name: string;
  /** Stands for it in the names of pages after it; never used again. */
  readonly id: number;
}
