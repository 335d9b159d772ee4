import assert from "node:assert/strict";
import { flamingoMiniFormat } from "../../../plugins/flamingo_mini/flamingo_mini_format.ts";
import { sortedNames } from "../bridges/sorted_names.ts";

const format = flamingoMiniFormat();

Deno.test("flamingoMiniFormat() takes layers out of their blocks, for GPT-2 and OPT", () => {
  const names = [
    "flamingo.vision_encoder.vision_model.pre_layrnorm.weight",
    "flamingo.resampler.time_pos_emb",
    "flamingo.lm.wte.weight",
    "flamingo.lm.h.0.xattn_block.alpha_attn",
    "flamingo.lm.h.0.lm_block.attn.c_attn.weight",
    "flamingo.lm.h.1.attn.c_attn.weight",
    "flamingo.lm.decoder.embed_tokens.weight",
    "flamingo.lm.decoder.layers.2.xattn_block.ffw.1.weight",
    "flamingo.lm.decoder.layers.2.lm_block.fc1.bias",
    "flamingo.lm_head.weight",
  ];
  const sorted = {
    vision: ["vision_model.pre_layrnorm.weight"],
    resampler: ["time_pos_emb"],
    language: [
      "transformer.wte.weight",
      "transformer.h.0.attn.c_attn.weight",
      "transformer.h.1.attn.c_attn.weight",
      "model.decoder.embed_tokens.weight",
      "model.decoder.layers.2.fc1.bias",
      "lm_head.weight",
    ],
    crossAttention: ["0.alpha_attn", "2.ffw.1.weight"],
  };
  assert.deepEqual(sortedNames(format, names), sorted);
  // As `state_dict_trainable` saves them.
  const bare = names.map((name) => name.replace("flamingo.", ""));
  assert.deepEqual(sortedNames(format, bare), sorted);
  assert.deepEqual(sortedNames(format, ["flamingo.lmm.wte"]), {
    unknown: ["flamingo.lmm.wte"],
  });
});
