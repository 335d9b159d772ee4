/**
 * Architectures as pure functions over ops, and what runs them. Knows no
 * plugin and no file format.
 *
 * @module
 */

export * from "./flamingo/cross_attention.ts";
export * from "./flamingo/feed_forward.ts";
export * from "./flamingo/flamingo.ts";
export * from "./flamingo/perceiver.ts";
export * from "./flamingo/picture_cache.ts";
export * from "./flamingo/prompt.ts";
export * from "./generation/engine.ts";
export * from "./generation/engine_options.ts";
export * from "./generation/generate.ts";
export type { ScoreRow } from "./generation/feed_row.ts";
export * from "./generation/sampler_settings.ts";
export * from "./generation/score_after.ts";
export type { Chunk, Sequence } from "./generation/sequence.ts";
export type { Sample } from "../ops/control_row.ts";
export * from "./generation/stack.ts";
export * from "./language/llama.ts";
export * as layers from "./layers.ts";
export * from "./slots.ts";
export * from "./tasks/caption.ts";
export * from "./tasks/classify.ts";
export * from "./tasks/shots.ts";
export * from "./vision/efficientnet_lite.ts";
