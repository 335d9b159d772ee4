/**
 * The plugins that come with the library.
 *
 * @module
 */

import { bridgesPlugin } from "./bridges/plugin.ts";
import { crossAttentionPlugin } from "./cross_attention/plugin.ts";
import { efficientNetLitePlugin } from "./efficientnet_lite/plugin.ts";
import { ggufPlugin } from "./gguf/plugin.ts";
import { imagePlugin } from "./image/plugin.ts";
import { llamaPlugin } from "./llama/plugin.ts";
import { perceiverPlugin } from "./perceiver/plugin.ts";
import type { Plugin } from "./plugin.ts";
import { safetensorsPlugin } from "./safetensors/plugin.ts";
import { tokenizerPlugin } from "./tokenizer/plugin.ts";
import { torchPlugin } from "./torch/plugin.ts";

/** All built-in plugins, for `assemble`; add your own to the list. */
export function builtinPlugins(): Plugin[] {
  return [
    efficientNetLitePlugin(),
    perceiverPlugin(),
    crossAttentionPlugin(),
    bridgesPlugin(),
    llamaPlugin(),
    tokenizerPlugin(),
    imagePlugin(),
    safetensorsPlugin(),
    ggufPlugin(),
    torchPlugin(),
  ];
}
