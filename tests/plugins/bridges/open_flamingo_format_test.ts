import assert from "node:assert/strict";
import { openFlamingoFormat } from "../../../plugins/bridges/open_flamingo_format.ts";
import { sortedNames } from "./sorted_names.ts";

const format = openFlamingoFormat();

Deno.test("openFlamingoFormat() sorts what training leaves, with module. or without", () => {
  for (const at of ["", "module."]) {
    const names = [
      "perceiver.layers.0.0.to_q.weight",
      "lang_encoder.transformer.wte.weight",
      "lang_encoder.transformer.blocks.3.gated_cross_attn_layer.attn_gate",
      "lang_encoder.gpt_neox.layers.12.gated_cross_attn_layer.ff.1.weight",
      "lang_encoder.model.layers.1.decoder_layer.self_attn.q_proj.weight",
      "lang_encoder.gpt_neox.embed_out.weight",
      "vision_encoder.conv1.weight",
    ];
    assert.deepEqual(sortedNames(format, names.map((name) => at + name)), {
      resampler: ["layers.0.0.to_q.weight"],
      language: [
        "transformer.wte.weight",
        "model.layers.1.self_attn.q_proj.weight",
        "gpt_neox.embed_out.weight",
      ],
      crossAttention: ["3.attn_gate", "12.ff.1.weight"],
      vision: ["conv1.weight"],
    });
  }
});

Deno.test("openFlamingoFormat() drops the copies in other lists, and knows no other names", () => {
  const names = [
    "lang_encoder.gated_cross_attn_layers.3.attn_gate",
    "lang_encoder.old_decoder_blocks.0.norm_1.weight",
    "percever.latents",
  ];
  assert.deepEqual(sortedNames(format, names), {
    unknown: ["percever.latents"],
  });
});
