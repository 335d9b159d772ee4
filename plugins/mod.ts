/**
 * The contract of plugins, the built-in ones, configs, weights files, and the
 * assembler that makes a model of them.
 *
 * @module
 */

export * from "./activation_names.ts";
export * from "./assemble.ts";
export * from "./assemble_encoders.ts";
export * from "./bridges/plugin.ts";
export * from "./sort_by_rules.ts";
export type { BuiltParts } from "./built_parts.ts";
export * from "./builtin_plugins.ts";
export * from "./catalog.ts";
export * from "./check_plugin.ts";
export * from "./checkpoint_reader.ts";
export * from "./chinchilla/plugin.ts";
export * from "./completed_sizes.ts";
export * from "./computed_tensor.ts";
export * from "./clip/plugin.ts";
export * from "./config.ts";
export * from "./config_json.ts";
export * from "./cross_attention/plugin.ts";
export * from "./decoder_part.ts";
export * from "./derived_tensor.ts";
export * from "./dinov2/plugin.ts";
export * from "./efficientnet_lite/plugin.ts";
export * from "./gguf/plugin.ts";
export * from "./idefics/plugin.ts";
export * from "./gpt2/plugin.ts";
export * from "./gpt_neox/plugin.ts";
export * from "./hf_folder.ts";
export * from "./image/plugin.ts";
export * from "./interpolate_positions.ts";
export * from "./hub/mod.ts";
export type { JsonObject } from "./json_file.ts";
export * from "./llama/plugin.ts";
export * from "./model_plan.ts";
export * from "./mpt/plugin.ts";
export type {
  LoadProgress,
  WeightDtype,
  WeightDtypes,
} from "./load_weights.ts";
export { locateConfig } from "./locate_config.ts";
export type { InitialWeight } from "./match_weights.ts";
export type { SlotTensors } from "./opened_bridge.ts";
export * from "./misfits.ts";
export * from "./nearest_name.ts";
export * from "./nfnet/plugin.ts";
export * from "./npz/plugin.ts";
export * from "./opt/plugin.ts";
export * from "./outline_graphs.ts";
export * from "./outline_layers.ts";
export * from "./outline_model.ts";
export * from "./outline_programs.ts";
export * from "./parse_config.ts";
export * from "./perceiver/plugin.ts";
export * from "./datasets/read_dataset.ts";
export * from "./report/report.ts";
export * from "./report/write_report.ts";
export type { OpenedSource } from "./opened_sources.ts";
export type { BuiltPart } from "./part_builder.ts";
export type { PlannedDevice } from "./plan_device.ts";
export * from "./plan_model.ts";
export { type ForwardRates, measureForwardRates } from "./forward_rates.ts";
export {
  type ForwardShape,
  type Work,
  WORK_KINDS,
  type WorkKind,
} from "./forward_work.ts";
export * from "./predict_forward.ts";
export * from "./plugin.ts";
export type { GgufValue } from "./gguf_value.ts";
export * from "./picture_index/class_folder.ts";
export * from "./picture_index/picture_index.ts";
export * from "./prefix/open_prefix.ts";
export * from "./prefix/save_prefix.ts";
export * from "./presets.ts";
export * from "./projector/plugin.ts";
export { readPromptStyle, styleOf } from "./prompt_section.ts";
export * from "./qformer/plugin.ts";
export type { Container, FormatWishes } from "./quantize/format_rule.ts";
export * from "./quantize/quantize.ts";
export type { QuantizedTensor } from "./quantize/quantize_job.ts";
export * from "./read_config.ts";
export * from "./safetensors/arrays.ts";
export * from "./safetensors/plugin.ts";
export { type TensorToWrite, writeSafetensors } from "./safetensors/writer.ts";
export * from "./schema.ts";
export * from "./tokenizer/plugin.ts";
export * from "./torch/plugin.ts";
export * from "./weights_cache/mod.ts";
