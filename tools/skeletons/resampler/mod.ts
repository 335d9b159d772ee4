/**
 * The plugin sketch_name: brings `sketch_name/resampler`.
 *
 * @module
 */

import { CONTRACT, definePlugin, type Plugin } from "@rookery/rookery";
import { sketchName } from "./sketch_name.ts";

/** Brings `sketch_name/resampler`. */
export default function sketchNamePlugin(): Plugin {
  return definePlugin({
    name: "sketch_name",
    version: "0.1.0",
    contract: CONTRACT,
    parts: [sketchName()],
  });
}
