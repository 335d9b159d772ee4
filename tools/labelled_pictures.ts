/**
 * Writes 60 labelled drawings, 12 of each of 5 classes, as a folder of classes:
 * something to try classification on before one has pictures of one's own.
 *
 *     deno task pictures [DIR]
 *
 * @module
 */

import { join } from "node:path";
import { readTestLists } from "../evaluation/test_lists.ts";
import { fetchPackage } from "../mod.ts";

/** Code points of the drawings. */
const CLASSES: Readonly<Record<string, string>> = {
  animal:
    "1f415 1f408 1f405 1f40e 1f404 1f416 1f411 1f410 1f42a 1f418 1f401 1f407",
  face:
    "1f600 1f601 1f602 1f603 1f604 1f605 1f606 1f607 1f609 1f60a 1f60b 1f60d",
  fruit:
    "1f347 1f348 1f349 1f34a 1f34b 1f34c 1f34d 1f34e 1f350 1f351 1f352 1f353",
  sport:
    "26bd 26be 1f3c0 1f3d0 1f3c8 1f3c9 1f3be 1f3b3 1f3cf 1f3d1 1f3d2 1f3d3",
  vehicle:
    "1f682 1f68c 1f691 1f692 1f693 1f695 1f697 1f69a 1f69c 1f6b2 1f6f5 1f69b",
};

const [folder = "pictures"] = Deno.args;
const { packages } = await readTestLists();
const { package: npm, sha256 } = packages.google!;
const only = "img/google/64/";
const root = await fetchPackage({ npm, sha256 }, { only });
let count = 0;
for (const [label, codes] of Object.entries(CLASSES)) {
  await Deno.mkdir(join(folder, label), { recursive: true });
  for (const hex of codes.split(" ")) {
    const to = join(folder, label, `${hex}.png`);
    await Deno.copyFile(join(root, only, `${hex}.png`), to);
    count++;
  }
}
console.log(
  `wrote ${count} pictures of ${
    Object.keys(CLASSES).join(", ")
  } into ${folder}`,
);
