/**
 * Pages of prompts that begin alike. A page goes by the page before it, its
 * tokens, and the pictures that they see; so whoever finds a page finds one
 * that was made from the same beginning.
 *
 * @module
 */

import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { Pools } from "./pools.ts";
import type { PrefixLink } from "./prefix_link.ts";
import { type Chunk, NO_PICTURE, type Sequence } from "./sequence.ts";

/** How much of prompts was there already, and what is kept. */
export interface PrefixCacheCounts {
  /** Tokens of prompts that were there already. */
  readonly hitTokens: number;
  /** Tokens of prompts that were not. */
  readonly missTokens: number;
  /** Pages that lie in the cache, those in use among them. */
  readonly pages: number;
  /** Bytes that they take. */
  readonly bytes: number;
  /** Bytes that pages out of use may take. */
  readonly budgetBytes: number;
}

/** Name of the pixels of the picture at a place of a sequence, from 0. */
export type PictureKeyOf = (place: number) => string | Promise<string>;

/** What tells pages: tokens and ordinals, and the pictures they stand for. */
interface PageSource extends Chunk {
  readonly keyOf: PictureKeyOf;
}

/** Finds and keeps full pages of prompts. */
export class PrefixCache {
  readonly #pools: Pools;
  /** Whether a token sees its latest picture only, so that no other counts. */
  readonly #isLatest: boolean;
  #hitTokens = 0;
  #missTokens = 0;

  /** Shares the engine's pools. */
  constructor(pools: Pools, attendTo: "latest" | "all" | undefined) {
    this.#pools = pools;
    this.#isLatest = attendTo === "latest";
  }

  /** See `PrefixCacheCounts`. */
  get counts(): PrefixCacheCounts {
    const { prefixes, entryBytes: { page } } = this.#pools;
    return {
      hitTokens: this.#hitTokens,
      missTokens: this.#missTokens,
      pages: prefixes.size,
      bytes: prefixes.size * page,
      budgetBytes: prefixes.most * page,
    };
  }

  /**
   * Gives a sequence without a past the longest beginning of a chunk that is
   * there, at least one token less than the chunk; its later pages will be kept
   * as well. Returns the number of tokens.
   */
  async find(
    sequence: Sequence,
    chunk: Chunk,
    keyOf: PictureKeyOf,
  ): Promise<number> {
    if (this.#pools.prefixes.most === 0 || sequence.past.length > 0) return 0;
    const keys = [...sequence.pictureKeys];
    const source = {
      ...chunk,
      keyOf: async (place: number) => keys[place] ||= await keyOf(place),
    };
    const links: PrefixLink[] = [];
    const most = Math.floor((chunk.tokens.length - 1) / PAGE_SLOTS);
    while (links.length < most) {
      const parent = links.at(-1)?.id ?? 0;
      const name = await this.#nameOf(source, links.length, parent);
      const found = name && this.#pools.prefixes.use(name);
      if (!name || !found) break;
      this.#pools.pages.retain(found.entry);
      sequence.pages.push(found.entry);
      links.push({ name, id: found.id });
    }
    const tokens = links.length * PAGE_SLOTS;
    this.#begin(sequence, chunk, tokens, keys);
    sequence.prefix = links;
    this.#touch(links);
    this.#hitTokens += tokens;
    this.#missTokens += chunk.tokens.length - tokens;
    return tokens;
  }

  /** Keeps the full pages of a sequence that `find` began. */
  async note(sequence: Sequence): Promise<void> {
    const { prefix, past, ordinals, pages, pictureKeys } = sequence;
    const full = Math.floor(past.length / PAGE_SLOTS);
    if (prefix === undefined || prefix.length >= full) return;
    const keyOf = (place: number) => pictureKeys[place] ?? "";
    const source = { tokens: past, media: ordinals, keyOf };
    const { prefixes } = this.#pools;
    const links = [...prefix];
    for (let page = links.length; page < full; page++) {
      const name = await this.#nameOf(source, page, links.at(-1)?.id ?? 0);
      if (name === undefined) break;
      const id = prefixes.use(name)?.id ?? prefixes.add(name, pages[page]!);
      links.push({ name, id });
    }
    sequence.prefix = links;
    this.#touch(links);
    prefixes.trim();
  }

  /** Latest pages first, so that they are the first to go. */
  #touch(links: readonly PrefixLink[]): void {
    for (const { name } of links.toReversed()) this.#pools.prefixes.use(name);
  }

  /** A past of so many tokens, whose pictures need not be shown. */
  #begin(
    sequence: Sequence,
    { tokens, media }: Chunk,
    count: number,
    keys: readonly string[],
  ): void {
    if (count === 0) return;
    sequence.past.push(...tokens.slice(0, count));
    sequence.ordinals = media.slice(0, count);
    sequence.media = media[count - 1]!;
    sequence.pictureKeys = Array.from(keys, (key = "") => key);
    while (sequence.pictures.length < keys.length) {
      sequence.pictures.push(NO_PICTURE);
    }
  }

  /** What a page goes by; undefined where a picture is unknown. */
  async #nameOf(
    { tokens, media, keyOf }: PageSource,
    page: number,
    parent: number,
  ): Promise<string | undefined> {
    const from = page * PAGE_SLOTS, to = from + PAGE_SLOTS;
    const seen: string[] = [];
    // Tokens of earlier pages are told by the parent, and so is what they saw.
    let known = media.slice(0, from).reduce((a, b) => Math.max(a, b), 0);
    let last: number | undefined;
    for (let i = from; i < to; i++) {
      const ordinal = media[i]!;
      if (ordinal === last) continue;
      last = ordinal;
      const fresh: string[] = [];
      const first = this.#isLatest ? Math.max(0, ordinal - 1) : known;
      for (let place = first; place < ordinal; place++) {
        const key = await keyOf(place);
        if (key === "") return undefined;
        fresh.push(key);
      }
      known = Math.max(known, ordinal);
      const which = this.#isLatest ? "" : `${ordinal}`;
      seen.push(`${i - from}:${which}:${fresh.join("+")}`);
    }
    return `${parent}|${tokens.slice(from, to).join(" ")}|${seen.join(" ")}`;
  }
}
