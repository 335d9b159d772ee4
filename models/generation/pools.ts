/**
 * The device memory that sequences share: pages of keys and values, slots of
 * pictures, control rows. Grows when more is needed, never behind the back of
 * the budget.
 *
 * @module
 */

import type { Device, DeviceArray } from "../../core/device.ts";
import { RookeryError } from "../../core/errors.ts";
import { showBytes } from "../../core/memory.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { TensorType } from "../../core/tensor.ts";
import { PagePool } from "./page_pool.ts";
import { CachedEntries } from "./cached_entries.ts";
import {
  type Activations,
  entryBytes,
  type PoolSizes,
  poolTypes,
  rowSizes,
  typeBytes,
} from "./pool_sizes.ts";
import { ADJUSTMENTS } from "./sampler_states.ts";
import type { ModelStack } from "./stack.ts";

/** Share of the free budget that growing may take. */
const GROWTH_SHARE = 0.9;

/** What pools begin with. */
export interface FirstSizes {
  /** Tokens that pages are there for. */
  readonly tokens: number;
  /** Pictures that slots are there for. */
  readonly pictures: number;
  /** Number type of what they hold. */
  readonly activations: Activations;
  /** Most bytes of pictures that nobody uses; those of 64 by default. */
  readonly mediaCacheBytes?: number | undefined;
  /** Most bytes of pages of prompts that nobody uses; default 64 MiB. */
  readonly prefixCacheBytes?: number | undefined;
}

/** Pictures that stay encoded by default. */
const CACHED_PICTURES = 64;

/** Bytes of prompts' pages that stay by default. */
const PREFIX_CACHE_BYTES = 64 * 2 ** 20;

/** Pages, picture slots and the arrays behind them. */
export class Pools implements Disposable {
  /** Free and held pages. */
  readonly pages: PagePool;
  /** Free and held picture slots. */
  readonly pictures: PagePool;
  /** Pages of prompts, by what is written in them and before them. */
  readonly prefixes: CachedEntries;
  /** Slots of pictures, by content. */
  readonly media: CachedEntries;
  /** Bytes of a page and of a picture's slot, over all layers. */
  readonly entryBytes: { readonly page: number; readonly picture: number };
  /** State arrays by name, for programs to be bound to. */
  readonly states = new Map<string, DeviceArray>();
  readonly #device: Device;
  readonly #stack: ModelStack;
  #adjustmentWords = 0;
  /** Bytes of the largest program so far: growing must leave room for it. */
  #scratchBytes = 0;
  readonly #rowSizes: Pick<
    PoolSizes,
    "rowPages" | "rowPictures" | "activations"
  >;

  /** Makes pools for `tokens` tokens and `pictures` pictures to begin with. */
  constructor(
    device: Device,
    stack: ModelStack,
    sizes: FirstSizes,
    context: number,
  ) {
    this.#device = device;
    this.#stack = stack;
    checkActivations(sizes.activations, device);
    const { activations } = sizes;
    this.#rowSizes = { ...rowSizes(context), activations };
    this.pages = new PagePool(Math.ceil(sizes.tokens / PAGE_SLOTS));
    this.pictures = new PagePool(stack.eyes ? sizes.pictures : 0);
    this.entryBytes = entryBytes(stack, activations);
    const { page, picture } = this.entryBytes;
    const { mediaCacheBytes, prefixCacheBytes = PREFIX_CACHE_BYTES } = sizes;
    const media = mediaCacheBytes === undefined
      ? CACHED_PICTURES
      : Math.floor(mediaCacheBytes / Math.max(1, picture));
    this.prefixes = new CachedEntries(
      this.pages,
      Math.floor(prefixCacheBytes / page),
    );
    this.media = new CachedEntries(this.pictures, media);
    for (const [name, type] of poolTypes(stack, this.sizes)) {
      this.states.set(name, device.createArray(type, name));
    }
  }

  /** Sizes that programs are captured for. */
  get sizes(): PoolSizes {
    const { pages, pictures } = this;
    return { pages: pages.size, pictures: pictures.size, ...this.#rowSizes };
  }

  /**
   * Whether there is less room than for so many more pages and pictures. Caches
   * give way here once a pool is as large as they may get.
   */
  isShort(pages: number, pictures: number): boolean {
    makeWay(this.pages, this.prefixes, pages);
    makeWay(this.pictures, this.media, pictures);
    return this.pages.free < pages || this.pictures.free < pictures;
  }

  /**
   * Makes room for so many more pages and pictures: what grows is doubled if
   * the budget allows, else it gets what is needed, else caches give way.
   * Programs must be captured anew afterwards.
   *
   * @throws {RookeryError} `memory` beyond the budget; nothing has changed then
   * but for caches
   */
  grow(pages: number, pictures: number): void {
    const size = (pool: PagePool, extra: number, times: number) =>
      pool.free >= extra
        ? pool.size
        : Math.max(times * pool.size, pool.size + extra - pool.free);
    const sizes = (times: number): PoolSizes => ({
      ...this.sizes,
      pages: size(this.pages, pages, times),
      pictures: size(this.pictures, pictures, times),
    });
    if (this.#fits(sizes(2))) return this.#resize(sizes(2));
    if (!this.#fits(sizes(1))) {
      this.prefixes.evict(Math.max(0, pages - this.pages.free));
      this.media.evict(Math.max(0, pictures - this.pictures.free));
    }
    this.#resize(sizes(1));
  }

  /**
   * Pages and picture slots that may be had: free ones, those of caches that
   * nobody uses, and those that growing may add. A layer's old array lies
   * beside its grown one while it is copied.
   */
  room(): { readonly pages: number; readonly pictures: number } {
    // Programs are captured anew after growing, and take some of it.
    const bytes = GROWTH_SHARE * this.#freeBytes;
    const layers = this.#stack.language.blocks.length;
    const { page, picture } = this.entryBytes;
    const of = (pool: PagePool, cache: CachedEntries, entry: number) => {
      const more = bytes - pool.size * entry / layers;
      const grown = entry === 0 ? 0 : Math.floor(more / entry);
      return pool.free + cache.idle + Math.max(0, grown);
    };
    return {
      pages: of(this.pages, this.prefixes, page),
      pictures: of(this.pictures, this.media, picture),
    };
  }

  /** Leaves so many bytes to programs when pools grow, if not more already. */
  keepFree(bytes: number): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, bytes);
  }

  /** Words that rows' adjustments may take. */
  get adjustmentWords(): number {
    return this.#adjustmentWords;
  }

  /**
   * Makes room for so many words of adjustments, at least doubling it. Returns
   * whether there was less room before: programs must be captured anew then.
   */
  reserveAdjustments(words: number): boolean {
    if (words <= this.#adjustmentWords) return false;
    this.#adjustmentWords = Math.max(words, 2 * this.#adjustmentWords);
    // Every run writes its own, so that none are to be kept.
    const old = this.states.get(ADJUSTMENTS);
    this.states.delete(ADJUSTMENTS);
    old?.[Symbol.dispose]();
    return old !== undefined;
  }

  /** A state that programs ask for, e.g. control rows; made when first asked. */
  state(name: string, type: TensorType): DeviceArray {
    const known = this.states.get(name);
    if (known !== undefined) return known;
    const made = this.#device.createArray(type, name);
    this.states.set(name, made);
    return made;
  }

  /**
   * Releases states that programs asked for, but for some: control rows of other
   * programs, adjustments. Returns whether there were any.
   */
  dropStates(needed: ReadonlySet<string>): boolean {
    const own = poolTypes(this.#stack, this.sizes);
    const others = [...this.states.keys()]
      .filter((name) => !own.has(name) && !needed.has(name));
    for (const name of others) {
      this.states.get(name)![Symbol.dispose]();
      this.states.delete(name);
    }
    if (others.includes(ADJUSTMENTS)) this.#adjustmentWords = 0;
    return others.length > 0;
  }

  /** Releases the arrays. */
  [Symbol.dispose](): void {
    for (const array of this.states.values()) array[Symbol.dispose]();
    this.states.clear();
  }

  /**
   * Arrays that would change. Each is copied and then given back, so that at
   * most one lies there twice.
   */
  #changes(sizes: PoolSizes): [name: string, type: TensorType][] {
    return [...poolTypes(this.#stack, sizes)].filter(([name, { shape }]) =>
      this.states.get(name)!.type.shape[0] !== shape[0]
    );
  }

  /** Bytes that a resize needs at its peak. */
  #peakBytes(sizes: PoolSizes): number {
    let more = 0, most = 0;
    for (const [name, type] of this.#changes(sizes)) {
      const old = typeBytes(this.states.get(name)!.type);
      most = Math.max(most, more + typeBytes(type));
      more += typeBytes(type) - old;
    }
    return most;
  }

  #fits(sizes: PoolSizes): boolean {
    return this.#peakBytes(sizes) <= this.#freeBytes;
  }

  /** What growing may take at its peak. */
  get #freeBytes(): number {
    const { budgetBytes, heldBytes } = this.#device.memory;
    return Math.max(0, budgetBytes - heldBytes - this.#scratchBytes);
  }

  #resize(sizes: PoolSizes): void {
    this.#checkFits(sizes);
    for (const [name, type] of this.#changes(sizes)) {
      const old = this.states.get(name)!;
      const grown = this.#device.createArray(type, name);
      this.#device.copyArray(old, grown);
      this.states.set(name, grown);
      old[Symbol.dispose]();
    }
    this.pages.grow(sizes.pages);
    this.pictures.grow(sizes.pictures);
  }

  /** Refuses before anything is half done. */
  #checkFits(sizes: PoolSizes): void {
    if (this.#fits(sizes)) return;
    const { budgetBytes } = this.#device.memory;
    const old = this.sizes, peak = this.#peakBytes(sizes);
    const free = this.#freeBytes;
    throw new RookeryError(
      "memory",
      `Cannot grow the caches from ${old.pages} pages and ${old.pictures} ` +
        `pictures to ${sizes.pages} and ${sizes.pictures} as that takes ` +
        `${showBytes(peak)} and ${showBytes(free)} of the budget of ` +
        `${
          showBytes(budgetBytes)
        } are free for it: close sequences, use shorter ` +
        "prompts or fewer pictures, or raise the budget",
      { expected: free, actual: peak },
    );
  }
}

/** Lets a cache give way where its pool is as large as it may make it. */
function makeWay(pool: PagePool, cache: CachedEntries, extra: number): void {
  if (pool.size >= cache.most) cache.evict(extra - pool.free);
}

function checkActivations(activations: Activations, device: Device): void {
  const { hasF16, name } = device.profile;
  if (activations === "f32" || hasF16) return;
  throw new RookeryError(
    "limit",
    `Cannot keep activations as f16 on ${name} as it has no feature ` +
      "shader-f16: use f32",
    { expected: "shader-f16", actual: name },
  );
}
