/**
 * What an engine starts with.
 *
 * @module
 */

import type { Activations } from "./pool_sizes.ts";

/** Options of `Engine`. */
export interface EngineOptions {
  /** Tokens that the cache holds at first; it grows. Default 512. */
  readonly tokens?: number;
  /** Pictures that the media cache holds at first; it grows. Default 8. */
  readonly pictures?: number;
  /**
   * Bytes of pictures that stay encoded when no sequence shows them, least
   * recently shown first to go. Default: those of 64 pictures.
   */
  readonly mediaCacheBytes?: number;
  /**
   * Bytes of prompts' pages that stay when no sequence needs them, least
   * recently used first to go; 0 for none. Default 64 MiB.
   */
  readonly prefixCacheBytes?: number;
  /** Longest sequence; the model's own context by default. */
  readonly context?: number;
  /** How values between layers are kept, see `Activations`. Default f32. */
  readonly activations?: Activations;
  /** Taps, see `ProgramOptions`. */
  readonly taps?: readonly string[];
}
