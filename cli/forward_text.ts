/**
 * A predicted forward pass in words.
 *
 * @module
 */

import { type ForwardPlan, showBytes } from "../mod.ts";
import { showFlops } from "./show_count.ts";
import { alignRows } from "./table.ts";

/** The prediction in lines. */
export function forwardText(
  { tokens, pictures, dtype, context, flops, bytes, seconds }: ForwardPlan,
): string {
  const { resident, staging, caches, values, total, moved } = bytes;
  const parts = `${showBytes(resident)} of weights that stay, ` +
    `${showBytes(staging)} of staging areas, ${showBytes(caches)} of caches, ` +
    `${showBytes(values)} of values`;
  return alignRows([
    [
      "forward",
      `${tokens} tokens, ${pictures} pictures, ${dtype}, layers streamed, ` +
      `context ${context}`,
    ],
    ["", `${showFlops(flops)}; ${showBytes(moved)} of weights brought`],
    ["", `${showBytes(total)} held: ${parts}`],
    [
      "",
      seconds === null
        ? "no time without measured rates"
        : `about ${seconds.toPrecision(2)} s with made-up weights`,
    ],
  ]).join("\n");
}
