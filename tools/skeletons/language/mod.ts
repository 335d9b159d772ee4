/**
 * The plugin sketch_name: brings `sketch_name/decoder`.
 *
 * @module
 */

import { CONTRACT, definePlugin, type Plugin } from "@rookery/rookery";
import { sketchName } from "./sketch_name.ts";

/** Brings `sketch_name/decoder`. */
export default function sketchNamePlugin(): Plugin {
  return definePlugin({
    name: "sketch_name",
    version: "0.1.0",
    contract: CONTRACT,
    parts: [sketchName()],
  });
}
