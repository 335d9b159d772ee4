/**
 * Sizes of LLaMA models, as far as a source tells them.
 *
 * @module
 */

import type { LlamaConfig } from "../../models/language/llama.ts";

/** Sizes that a config, a GGUF file or a `config.json` may tell. */
export type LlamaSizes = {
  readonly [K in keyof LlamaConfig]: LlamaConfig[K] | undefined;
};
