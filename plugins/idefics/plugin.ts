/**
 * IDEFICS (Hugging Face, 2023), an open reproduction of Flamingo, as a plugin:
 * its folders are models of parts that others bring.
 *
 * @module
 */

import { definePlugin, type Plugin } from "../plugin.ts";
import { ideficsFolder } from "./idefics_folder.ts";
import { ideficsFormat } from "./idefics_format.ts";

/** Brings folders of `model_type` idefics and the bridge format `idefics`. */
export function ideficsPlugin(): Plugin {
  return definePlugin({
    name: "idefics",
    version: "0.1.0",
    contract: 1,
    parts: [],
    bridges: [ideficsFormat()],
    models: [ideficsFolder()],
  });
}
