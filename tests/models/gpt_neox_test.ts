import type { JsonObject } from "../../plugins/json_file.ts";
import { checkLanguage } from "./check_language.ts";

/** As transformers 4 writes it. */
function versionFour(json: JsonObject): JsonObject {
  const { rope_parameters, dtype, ...rest } = json;
  const rope = rope_parameters as JsonObject;
  return {
    ...rest,
    torch_dtype: dtype,
    rotary_pct: rope["partial_rotary_factor"],
    rotary_emb_base: rope["rope_theta"],
    rope_scaling: null,
  };
}

const names = ["gpt_neox_parallel", "gpt_neox_sequential", "gpt_neox_tied"];
for (const name of names) {
  checkLanguage(name, { configs: { "transformers 4": versionFour } });
}
