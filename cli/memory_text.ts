/**
 * The memory of a running model as a table.
 *
 * @module
 */

import { type CacheMemory, type EngineMemory, showBytes } from "../mod.ts";
import { alignRows } from "./table.ts";

/** Lines of what a device holds, with `when` as their heading. */
export function memoryText(when: string, memory: EngineMemory): string {
  const { budgetBytes, heldBytes, programs } = memory;
  const isKnown = budgetBytes < Number.MAX_SAFE_INTEGER;
  const rows = [
    ["weights", showBytes(memory.weightBytes), ""],
    ["pages", showBytes(memory.pages.bytes), placesOf(memory.pages, "tokens")],
    [
      "media",
      showBytes(memory.media.bytes),
      placesOf(memory.media, "pictures"),
    ],
    ["scratch", showBytes(memory.programBytes), `${programs} programs`],
    ["other", showBytes(memory.otherBytes), ""],
    [
      "held",
      showBytes(heldBytes),
      isKnown ? `of ${showBytes(budgetBytes)}` : "without a budget",
    ],
  ];
  const lines = alignRows(rows, { right: [1] }).map((line) => `  ${line}`);
  return [`memory ${when}`, ...lines, ""].join("\n");
}

function placesOf({ size, free, kept }: CacheMemory, what: string): string {
  return size === 0 ? "" : `${size} ${what}, ${free} free, ${kept} kept`;
}
