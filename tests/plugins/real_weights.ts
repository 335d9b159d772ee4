/** Finds the real weights that some tests read. */
import { join } from "node:path";

/** Folders are searched this deep. */
const MAX_DEPTH = 3;

/**
 * Path of a weights file, looked for under ROOKERY_WEIGHTS, else in the cache.
 *
 * @throws when it is in neither, and says what to do
 */
export async function realWeights(file: string): Promise<string> {
  const folder = Deno.env.get("ROOKERY_WEIGHTS") ?? cacheFolder();
  const path = await find(folder, file, MAX_DEPTH);
  if (path !== undefined) return path;
  throw new Error(
    `Cannot find ${file} under ${folder}: set ROOKERY_WEIGHTS to a folder ` +
      `that has it`,
  );
}

function cacheFolder(): string {
  const home = Deno.env.get("HOME") ?? ".";
  const caches = Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache");
  return Deno.env.get("ROOKERY_CACHE") ?? join(caches, "rookery");
}

async function find(
  folder: string,
  file: string,
  depth: number,
): Promise<string | undefined> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  if (entries.some(({ name }) => name === file)) return join(folder, file);
  for (const { name, isDirectory } of depth === 0 ? [] : entries) {
    if (!isDirectory) continue;
    const found = await find(join(folder, name), file, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
