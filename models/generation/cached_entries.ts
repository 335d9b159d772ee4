/**
 * Pages that stay after those who made them are gone, by name: the least
 * recently used go first, and those that somebody else holds never go.
 *
 * @module
 */

import type { PagePool } from "./page_pool.ts";

/** An entry of the cache. */
export interface CachedEntry {
  /** The page. */
  readonly entry: number;
  /** A number over 0 that no other entry ever has. */
  readonly id: number;
}

/** Named entries of a pool, each held once by this cache. */
export class CachedEntries {
  /** Most entries that stay; more only while others hold them. */
  readonly most: number;
  readonly #pool: PagePool;
  /** Least recently used first. */
  readonly #entries = new Map<string, CachedEntry>();
  #ids = 0;

  /** Starts empty. */
  constructor(pool: PagePool, most: number) {
    this.#pool = pool;
    this.most = most;
  }

  /** Entries that are held now. */
  get size(): number {
    return this.#entries.size;
  }

  /** Entries that nobody else holds. */
  get idle(): number {
    return [...this.#entries.values()]
      .filter(({ entry }) => this.#pool.holders(entry) === 1).length;
  }

  /** An entry, which becomes the most recently used; undefined if unknown. */
  use(name: string): CachedEntry | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    return entry;
  }

  /** Names an entry that the caller holds, by a new name; returns its id. */
  add(name: string, entry: number): number {
    const id = ++this.#ids;
    this.#pool.retain(entry);
    this.#entries.set(name, { entry, id });
    return id;
  }

  /** Lets go of what is beyond `most`, as far as nobody else holds it. */
  trim(): void {
    this.evict(this.size - this.most);
  }

  /** Lets go of up to `count` entries that nobody else holds. */
  evict(count: number): void {
    let left = count;
    for (const [name, { entry }] of this.#entries) {
      if (left <= 0) return;
      if (this.#pool.holders(entry) > 1) continue;
      this.#entries.delete(name);
      this.#pool.release(entry);
      left--;
    }
  }
}
