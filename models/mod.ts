/**
 * Architectures as pure functions over ops, and what runs them. Knows no
 * plugin and no file format.
 *
 * @module
 */

export * from "./flamingo/cross_attention.ts";
export * from "./flamingo/cross_attention_dialect.ts";
export * from "./flamingo/feed_forward.ts";
export * from "./flamingo/flamingo.ts";
export * from "./flamingo/gated_feed_forward.ts";
export * from "./flamingo/media.ts";
export * from "./flamingo/perceiver.ts";
export * from "./flamingo/perceiver_attention.ts";
export * from "./flamingo/perceiver_dialects.ts";
export * from "./flamingo/prefix.ts";
export * from "./flamingo/prompt.ts";
export * from "./flamingo/prompt_scheduler.ts";
export * from "./flamingo/prompt_style.ts";
export * from "./flamingo/prompt_styles.ts";
export * from "./flamingo/write_many.ts";
export type { ReadPrompt } from "./flamingo/read_prompt.ts";
export * from "./generation/cache_counts.ts";
export * from "./generation/beam_rules.ts";
export * from "./generation/beam_search.ts";
export * from "./generation/check_sampler.ts";
export * from "./generation/engine.ts";
export type { CacheMemory, EngineMemory } from "./generation/engine_memory.ts";
export * from "./generation/engine_options.ts";
export * from "./generation/generate.ts";
export type { Activations, PoolSizes } from "./generation/pool_sizes.ts";
export type { NextRow, ScoreRow } from "./generation/feed_row.ts";
export type { PicturePixels } from "./generation/picture_jobs.ts";
export type { KeyedPicture } from "./generation/picture_key.ts";
export type {
  PictureKeyOf,
  PrefixCacheCounts,
} from "./generation/prefix_cache.ts";
export type { PrefixLink } from "./generation/prefix_link.ts";
export type { MediaCacheCounts } from "./generation/picture_shelf.ts";
export type { PictureValues } from "./generation/picture_runner.ts";
export * from "./generation/sampler_settings.ts";
export * from "./generation/score_after.ts";
export * from "./generation/schedule_policy.ts";
export * from "./generation/scheduled_text.ts";
export * from "./generation/scheduler.ts";
export * from "./generation/stop_strings.ts";
export * from "./generation/text_stream.ts";
export type { Chunk, Sequence } from "./generation/sequence.ts";
export type { TokenChance } from "../ops/top_entries.ts";
export type { Sample } from "../ops/read_control_row.ts";
export type { SequenceSnapshot, StateValues } from "./generation/snapshot.ts";
export * from "./generation/stack.ts";
export * from "./language/activation.ts";
export * from "./language/alibi_slopes.ts";
export * from "./language/chinchilla.ts";
export * from "./language/distance_scores.ts";
export * from "./language/gpt2.ts";
export * from "./language/gpt_neox.ts";
export * from "./language/llama.ts";
export * from "./language/rope_scaling.ts";
export * from "./language/mpt.ts";
export * from "./language/opt.ts";
export * as layers from "./layers.ts";
export * from "./resamplers/projector.ts";
export * from "./resamplers/qformer.ts";
export * from "./slots.ts";
export * from "./tasks/caption.ts";
export * from "./tasks/classify.ts";
export * from "./tasks/conversation.ts";
export * from "./tasks/compare_methods.ts";
export * from "./tasks/compared_methods.ts";
export * from "./tasks/contrastive_labels.ts";
export * from "./tasks/demonstrations/feature_search.ts";
export * from "./tasks/demonstrations/leave_one_out.ts";
export * from "./tasks/demonstrations/ordering.ts";
export * from "./tasks/demonstrations/orders.ts";
export * from "./tasks/demonstrations/picture_encoder.ts";
export * from "./tasks/demonstrations/prompt_cost.ts";
export * from "./tasks/demonstrations/random_selection.ts";
export * from "./tasks/demonstrations/rices_selection.ts";
export * from "./tasks/demonstrations/selection.ts";
export * from "./tasks/demonstrations/shuffle.ts";
export * from "./tasks/logistic_regression.ts";
export * from "./tasks/mixed_scores.ts";
export * from "./tasks/prototypes.ts";
export * from "./tasks/shot.ts";
export * from "./tasks/shots.ts";
export * from "./tasks/task_prompt.ts";
export * from "./tasks/split_by_class.ts";
export * from "./vision/dinov2.ts";
export * from "./vision/efficientnet_lite.ts";
export * from "./vision/embed_patches.ts";
export * from "./vision/nfnet.ts";
export * from "./vision/nfnet_sizes.ts";
export * from "./contrastive/clip_text.ts";
export * from "./contrastive/contrastive.ts";
export * from "./vision/clip_encoder.ts";
export * from "./vision/clip_vit.ts";
export * from "./vision/vision_model.ts";
