/**
 * Where weights and packages are kept between runs.
 *
 * @module
 */

import { resolve } from "node:path";
import { RookeryError } from "../../core/errors.ts";

/**
 * The cache's folder: `ROOKERY_CACHE`, else `rookery` in `XDG_CACHE_HOME`, else
 * `~/.cache/rookery`. An empty variable counts as unset.
 */
export function cacheFolder(): string {
  const own = Deno.env.get("ROOKERY_CACHE");
  if (own) return resolve(own);
  const shared = Deno.env.get("XDG_CACHE_HOME");
  if (shared) return resolve(shared, "rookery");
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  if (home) return resolve(home, ".cache", "rookery");
  throw new RookeryError(
    "config",
    "Cannot choose a cache folder as ROOKERY_CACHE, XDG_CACHE_HOME and HOME are all unset: set ROOKERY_CACHE to a folder that can be written",
  );
}
