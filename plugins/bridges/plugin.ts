/**
 * Formats of bridges as a plugin: the library's own, and OpenFlamingo's.
 *
 * @module
 */

import { definePlugin, type Plugin } from "../plugin.ts";
import { openFlamingoFormat } from "./open_flamingo_format.ts";
import { rookeryFormat } from "./rookery_format.ts";

/** Brings the formats `rookery` and `open_flamingo`. */
export function bridgesPlugin(): Plugin {
  return definePlugin({
    name: "bridges",
    version: "0.1.0",
    contract: 1,
    parts: [],
    bridges: [rookeryFormat(), openFlamingoFormat()],
  });
}
