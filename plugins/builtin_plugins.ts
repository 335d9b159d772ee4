/**
 * The plugins that come with the library.
 *
 * @module
 */

import { bridgesPlugin } from "./bridges/plugin.ts";
import { chinchillaPlugin } from "./chinchilla/plugin.ts";
import { clipPlugin } from "./clip/plugin.ts";
import { crossAttentionPlugin } from "./cross_attention/plugin.ts";
import { dinov2Plugin } from "./dinov2/plugin.ts";
import { efficientNetLitePlugin } from "./efficientnet_lite/plugin.ts";
import { flamingoMiniPlugin } from "./flamingo_mini/plugin.ts";
import { ggufPlugin } from "./gguf/plugin.ts";
import { ideficsPlugin } from "./idefics/plugin.ts";
import { gpt2Plugin } from "./gpt2/plugin.ts";
import { gptNeoxPlugin } from "./gpt_neox/plugin.ts";
import { imagePlugin } from "./image/plugin.ts";
import { llamaPlugin } from "./llama/plugin.ts";
import { mptPlugin } from "./mpt/plugin.ts";
import { nfnetPlugin } from "./nfnet/plugin.ts";
import { npzPlugin } from "./npz/plugin.ts";
import { optPlugin } from "./opt/plugin.ts";
import { perceiverPlugin } from "./perceiver/plugin.ts";
import type { Plugin } from "./plugin.ts";
import { projectorPlugin } from "./projector/plugin.ts";
import { qFormerPlugin } from "./qformer/plugin.ts";
import { safetensorsPlugin } from "./safetensors/plugin.ts";
import { tokenizerPlugin } from "./tokenizer/plugin.ts";
import { torchPlugin } from "./torch/plugin.ts";

/** All built-in plugins, for `assemble`; add your own to the list. */
export function builtinPlugins(): Plugin[] {
  return [
    clipPlugin(),
    efficientNetLitePlugin(),
    nfnetPlugin(),
    dinov2Plugin(),
    perceiverPlugin(),
    qFormerPlugin(),
    projectorPlugin(),
    crossAttentionPlugin(),
    bridgesPlugin(),
    ideficsPlugin(),
    flamingoMiniPlugin(),
    llamaPlugin(),
    gptNeoxPlugin(),
    optPlugin(),
    gpt2Plugin(),
    mptPlugin(),
    chinchillaPlugin(),
    tokenizerPlugin(),
    imagePlugin(),
    safetensorsPlugin(),
    ggufPlugin(),
    torchPlugin(),
    npzPlugin(),
  ];
}
