import type { JsonObject } from "../../plugins/json_file.ts";
import { checkLanguage } from "./check_language.ts";

/** As early versions of transformers write it: without what is usual. */
function early(json: JsonObject): JsonObject {
  const { dtype, ...rest } = json;
  const usual = {
    enable_bias: true,
    layer_norm_elementwise_affine: true,
    tie_word_embeddings: true,
    _remove_final_layer_norm: false,
  };
  const others = Object.entries(rest).filter(([key, value]) =>
    usual[key as keyof typeof usual] !== value
  );
  return { ...Object.fromEntries(others), torch_dtype: dtype };
}

for (
  const name of [
    "opt_pre_norm",
    "opt_projected",
    "opt_plain",
    "opt_no_final_norm",
  ]
) {
  checkLanguage(name, { configs: { "early transformers": early } });
}
