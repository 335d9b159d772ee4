/**
 * What is known of a model that lies in the cache.
 *
 * @module
 */

import type { FileState } from "./download_blob.ts";

/** A file of a pulled model. */
export interface PulledFile {
  /** Path in the model's folder. */
  readonly path: string;
  /** Its length. */
  readonly sizeBytes: number;
  /** SHA-256 that was checked, where the hub gives one. */
  readonly sha256: string | undefined;
  /** Whether it was there, or came in this run, wholly or in part. */
  readonly state: FileState;
}

/** A model in the cache. */
export interface PulledModel {
  /** Name, `owner/name`. */
  readonly hub: string;
  /** Branch, tag or commit that was asked for. */
  readonly revision: string;
  /** The commit that it stands for. */
  readonly commit: string;
  /** Folder of the commit's files. */
  readonly folder: string;
  /** The files that were asked for. */
  readonly files: readonly PulledFile[];
  /** Bytes that came over the network in this run. */
  readonly downloadedBytes: number;
  /** Whether weights are among the files. */
  readonly hasWeights: boolean;
}
