/**
 * Opens the model that is evaluated, with room for many pictures, and tells
 * runs of different bridges apart.
 *
 * @module
 */

import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  assemble,
  type AssembleOptions,
  type Flamingo,
  type LocatedConfig,
} from "../mod.ts";

/** Pictures that stay encoded: those of 230 concepts in three styles fit. */
const MEDIA_CACHE_BYTES = 2 ** 30;

/** Assembles a model with large caches. */
export function openSubject(
  config: LocatedConfig,
  options: Omit<AssembleOptions, "engine">,
): Promise<Flamingo> {
  const engine = {
    tokens: 4096,
    pictures: 256,
    mediaCacheBytes: MEDIA_CACHE_BYTES,
  };
  return assemble(config, { ...options, engine });
}

/** Short name of a config, its bridge's file and the test lists. */
export async function fingerprint(
  { config, base }: LocatedConfig,
  listsText: string,
): Promise<string> {
  const parts = [JSON.stringify(config), listsText];
  const weights = config.kind === "flamingo"
    ? config.bridge?.weights
    : undefined;
  if (typeof weights === "string") {
    const folder = base instanceof URL ? fileURLToPath(base) : base;
    const path = isAbsolute(weights) ? weights : join(folder, weights);
    parts.push(await hashOf(await Deno.readFile(path)));
  }
  const all = new TextEncoder().encode(parts.join("\n"));
  return (await hashOf(all)).slice(0, 12);
}

/** SHA-256 of bytes, in hex. */
export async function hashOf(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(hash).toHex();
}
