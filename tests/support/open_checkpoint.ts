/**
 * Weights opened as `assemble` opens them, by the built-in readers.
 *
 * @module
 */

import type { Checkpoint } from "../../core/mod.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { Catalog } from "../../plugins/catalog.ts";
import { openWith } from "../../plugins/checkpoint_reader.ts";

/** Opens a file or folder by the first built-in reader that knows it. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const readers = await new Catalog(builtinPlugins()).readers();
  return await openWith(readers, path);
}
