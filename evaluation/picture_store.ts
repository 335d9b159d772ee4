/**
 * Where the tests' pictures lie: pinned npm packages, of which only the drawings
 * are kept.
 *
 * @module
 */

import { join } from "node:path";
import { fetchPackage, type OnFetchProgress, RookeryError } from "../mod.ts";
import type { PictureRef, TestLists } from "./test_lists.ts";

/** Folder of each style's drawings in its package. */
const DRAWINGS: Readonly<Record<string, string>> = {
  google: "img/google/64/",
  twitter: "img/twitter/64/",
  fluent: "assets/",
};

/** Finds pictures on disk. */
export class PictureStore {
  readonly #roots: ReadonlyMap<string, string>;

  /** Uses package folders that are there already, by style. */
  constructor(roots: ReadonlyMap<string, string>) {
    this.#roots = roots;
  }

  /** Path of a picture. */
  pathOf({ style, file }: PictureRef): string {
    return join(this.#rootOf(style), file.replace(/^package\//, ""));
  }

  /** All drawings of a style, by code points. */
  async drawingsOf(style: string): Promise<Map<string, PictureRef>> {
    const folder = DRAWINGS[style]!;
    const found: PictureRef[] = [];
    for await (
      const { name } of Deno.readDir(join(this.#rootOf(style), folder))
    ) {
      const hex = plainHex(name.replace(/\.\w+$/, ""));
      found.push({ style, hex, file: folder + name });
    }
    found.sort((a, b) => a.file < b.file ? -1 : 1);
    return new Map(found.map((ref) => [ref.hex, ref]));
  }

  #rootOf(style: string): string {
    const root = this.#roots.get(style);
    if (root !== undefined) return root;
    const known = [...this.#roots.keys()];
    throw new RookeryError(
      "config",
      `Cannot find pictures of style "${style}" as no package was brought ` +
        `for it: known styles are ${known.join(", ")}`,
      { expected: known, actual: style },
    );
  }
}

/** Brings the packages that the tests use into the cache. */
export async function fetchPictures(
  packages: TestLists["packages"],
  options: {
    readonly cacheDir?: string;
    readonly onProgress?: OnFetchProgress;
  } = {},
): Promise<PictureStore> {
  const roots = new Map<string, string>();
  for (const [style, only] of Object.entries(DRAWINGS)) {
    const { package: npm, sha256 } = packages[style]!;
    const pin = { npm, sha256 };
    roots.set(style, await fetchPackage(pin, { ...options, only }));
  }
  return new PictureStore(roots);
}

/** Code points without variation selectors, in lower case. */
function plainHex(name: string): string {
  return name.toLowerCase().split("-").filter((part) => part !== "fe0f")
    .join("-");
}
