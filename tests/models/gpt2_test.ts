import type { JsonObject } from "../../plugins/json_file.ts";
import { checkLanguage } from "./check_language.ts";

/** As early versions of transformers write it: without what is usual. */
function early(json: JsonObject): JsonObject {
  const { dtype, n_positions, ...rest } = json;
  const usual = { tie_word_embeddings: true, add_cross_attention: false };
  const others = Object.entries(rest).filter(([key, value]) =>
    usual[key as keyof typeof usual] !== value
  );
  const renamed = { n_ctx: n_positions, torch_dtype: dtype };
  return { ...Object.fromEntries(others), ...renamed };
}

for (const name of ["gpt2_tied", "gpt2_scaled", "gpt2_untied"]) {
  checkLanguage(name, { configs: { "early transformers": early } });
}
