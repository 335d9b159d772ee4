import type { JsonObject } from "../../plugins/json_file.ts";
import { checkLanguage } from "./check_language.ts";

/** As transformers 4 writes it. */
function versionFour(json: JsonObject): JsonObject {
  const { dtype, ...rest } = json;
  return { ...rest, torch_dtype: dtype, transformers_version: "4.33.0" };
}

/** As llm-foundry writes the older kind of model since it was renamed. */
function renamed(json: JsonObject): JsonObject {
  const { mlp_ratio, attn_qk_ln, attn_clip_qkv, ...rest } = json;
  const { alibi, alibi_bias_max, softmax_scale, ...others } = rest;
  const attn_config = {
    attn_type: "multihead_attention",
    qk_ln: attn_qk_ln,
    clip_qkv: attn_clip_qkv,
    alibi,
    alibi_bias_max,
    softmax_scale,
  };
  return {
    ...others,
    model_type: "mpt",
    expansion_ratio: mlp_ratio,
    attn_config,
  };
}

checkLanguage("mpt_plain", { configs: { "transformers 4": versionFour } });
checkLanguage("mpt_clipped", { configs: { "transformers 4": versionFour } });
checkLanguage("mosaic_gpt", { configs: { "llm-foundry": renamed } });
checkLanguage("mpt_learned");
