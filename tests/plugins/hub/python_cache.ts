/**
 * A cache that Python's library of the hub filled, recorded by
 * tests/golden/hub/make_python_cache.py.
 *
 * @module
 */

import { dirname, join } from "node:path";
import recorded from "../../golden/hub/python_cache.json" with { type: "json" };

/** The record. */
export const PYTHON_CACHE: {
  readonly repo: string;
  readonly commits: Readonly<Record<string, string>>;
  readonly served: Readonly<Record<string, string>>;
  readonly cache: Readonly<
    Record<string, { readonly link?: string; readonly content?: string }>
  >;
} = recorded;

/** The files that the library was given. */
export function servedByPython(): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.entries(PYTHON_CACHE.served).map(([path, text]) => [
      path,
      Uint8Array.fromBase64(text),
    ]),
  );
}

/** Lays the recorded cache out in an empty folder. */
export function layPythonCache(folder: string): void {
  for (const [name, { link, content }] of Object.entries(PYTHON_CACHE.cache)) {
    const path = join(folder, name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    if (link !== undefined) Deno.symlinkSync(link, path);
    else Deno.writeFileSync(path, Uint8Array.fromBase64(content!));
  }
}
