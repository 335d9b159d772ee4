/**
 * What the engine's caches hold, and how often they helped.
 *
 * @module
 */

import type { PrefixCacheCounts } from "./prefix_cache.ts";
import type { MediaCacheCounts } from "./picture_shelf.ts";

/** Counts of the engine's caches since it was made. */
export interface CacheCounts {
  /** Pictures that were encoded. */
  readonly media: MediaCacheCounts;
  /** Beginnings of prompts that were fed. */
  readonly prefix: PrefixCacheCounts;
}
