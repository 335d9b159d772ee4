/**
 * flamingo-mini, a small Flamingo on GPT-2 and OPT, as a plugin: its folders
 * are models of parts that others bring.
 *
 * @module
 */

import { definePlugin, type Plugin } from "../plugin.ts";
import { flamingoMiniFolder } from "./flamingo_mini_folder.ts";
import { flamingoMiniFormat } from "./flamingo_mini_format.ts";

/** Brings folders of flamingo-mini and the bridge format `flamingo_mini`. */
export function flamingoMiniPlugin(): Plugin {
  return definePlugin({
    name: "flamingo_mini",
    version: "0.1.0",
    contract: 1,
    parts: [],
    bridges: [flamingoMiniFormat()],
    models: [flamingoMiniFolder()],
  });
}
