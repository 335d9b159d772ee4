/**
 * What an engine's device holds, by what it is for.
 *
 * @module
 */

import type { Device } from "../../core/device.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import type { CachedEntries } from "./cached_entries.ts";
import type { PagePool } from "./page_pool.ts";
import type { Pools } from "./pools.ts";

/** A cache that sequences share. */
export interface CacheMemory {
  /** Bytes on the device. */
  readonly bytes: number;
  /** Tokens or pictures that it has place for. */
  readonly size: number;
  /** Places that hold nothing. */
  readonly free: number;
  /** Places kept for later use by nobody in particular; they give way. */
  readonly kept: number;
}

/** Memory of a device, as an engine on it sees it. All sizes in bytes. */
export interface EngineMemory {
  /** Most that may be held. */
  readonly budgetBytes: number;
  /** What is held, the sum of all below. */
  readonly heldBytes: number;
  /** Weights of all models on the device, staging of streamed layers. */
  readonly weightBytes: number;
  /** Keys and values of tokens; sizes in tokens. */
  readonly pages: CacheMemory;
  /** Keys and values of pictures; sizes in pictures. */
  readonly media: CacheMemory;
  /** Inputs, values and scratch of captured programs. */
  readonly programBytes: number;
  /** Captured programs. */
  readonly programs: number;
  /** All else, e.g. control rows. */
  readonly otherBytes: number;
}

/** Kinds of the device's ledger that are weights. */
const WEIGHT_KINDS = ["weights", "staging"];

/** Adds up what a device holds. */
export function engineMemory(
  { memory }: Device,
  pools: Pools,
  programs: number,
): EngineMemory {
  const { budgetBytes, heldBytes, heldByKind } = memory;
  const weightBytes = WEIGHT_KINDS.reduce(
    (sum, kind) => sum + (heldByKind[kind] ?? 0),
    0,
  );
  const programBytes = heldByKind["values"] ?? 0;
  const { page, picture } = pools.entryBytes;
  const pages = cacheMemory(pools.pages, pools.prefixes, {
    bytes: page,
    places: PAGE_SLOTS,
  });
  const media = cacheMemory(pools.pictures, pools.media, {
    bytes: picture,
    places: 1,
  });
  const known = weightBytes + programBytes + pages.bytes + media.bytes;
  return {
    budgetBytes,
    heldBytes,
    weightBytes,
    pages,
    media,
    programBytes,
    programs,
    otherBytes: heldBytes - known,
  };
}

function cacheMemory(
  pool: PagePool,
  cache: CachedEntries,
  entry: { readonly bytes: number; readonly places: number },
): CacheMemory {
  return {
    bytes: pool.size * entry.bytes,
    size: pool.size * entry.places,
    free: pool.free * entry.places,
    kept: cache.idle * entry.places,
  };
}
