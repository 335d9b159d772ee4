/**
 * Models of the Hugging Face hub: brought into its standard cache, and found
 * there.
 *
 * @module
 */

export type { FileState } from "./download_blob.ts";
export { HUB_PREFIX, type HubSource, parseHubName } from "./hub_name.ts";
export type { HubOptions } from "./hub_settings.ts";
export { pullModel, type PullOptions } from "./pull_model.ts";
export type { PulledFile, PulledModel } from "./pulled_model.ts";
export type { RetryPolicy } from "./retry_policy.ts";
export { findPulled } from "./use_cached.ts";
