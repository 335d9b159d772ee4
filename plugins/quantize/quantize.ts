/**
 * A model with its matrices in another format, written into a GGUF file or a
 * folder. Tensors go from file to file in slices; no device is needed.
 *
 * @module
 */

import { builtinPlugins } from "../builtin_plugins.ts";
import { Catalog } from "../catalog.ts";
import { checkHasWeights } from "../check_has_weights.ts";
import { checkSections } from "../check_sections.ts";
import type { ModelConfig } from "../config.ts";
import { locateConfig, sourceOptions } from "../locate_config.ts";
import { OpenedSources } from "../opened_sources.ts";
import type { Plugin } from "../plugin.ts";
import { prepareModel } from "../prepare_model.ts";
import type { LocatedConfig } from "../read_config.ts";
import type { FetchProgress } from "../weights_cache/mod.ts";
import { checkOutput, withOutput } from "./claim_output.ts";
import {
  type Container,
  FormatRule,
  type FormatWishes,
} from "./format_rule.ts";
import { planFolder } from "./plan_folder.ts";
import { planGguf } from "./plan_gguf.ts";
import type { QuantizedTensor, QuantizeJob } from "./quantize_job.ts";
import { RecordedSources } from "./recorded_sources.ts";

/** One report while a model is written; the last has both counts equal. */
export interface QuantizeProgress {
  /** Name of the tensor that was written. */
  readonly name: string;
  /** Tells it from the stages of fetching. */
  readonly stage: "write";
  /** Bytes that are written. */
  readonly doneBytes: number;
  /** Bytes of all tensors in the new formats. */
  readonly totalBytes: number;
}

/** Options of `quantize`. */
export interface QuantizeOptions extends FormatWishes {
  /** Whether an older output is replaced. Default no. */
  readonly force?: boolean;
  /** Plugins to choose parts from. Default `builtinPlugins()`. */
  readonly plugins?: readonly Plugin[];
  /** Folder of weights that is used instead of the cache. */
  readonly weightsDir?: string;
  /** Folder of the cache. Default: `ROOKERY_CACHE`, else the user's cache. */
  readonly cacheDir?: string;
  /** Folder of a plain config's relative paths. Default: the working folder. */
  readonly base?: string | URL;
  /** Receives reports of progress. */
  readonly onProgress?: (progress: FetchProgress | QuantizeProgress) => void;
}

/** What was written. */
export interface QuantizeReport {
  /** The path that was written. */
  readonly out: string;
  /** What lies there. */
  readonly container: Container;
  /** Its tensors. */
  readonly tensors: readonly QuantizedTensor[];
  /** Bytes of all tensors before. */
  readonly bytesBefore: number;
  /** Bytes of all tensors now. */
  readonly bytesAfter: number;
}

/**
 * Writes a model with its matrices in another format: what `assemble` takes goes
 * in; out comes a GGUF file where `out` ends in `.gguf` (bare language models of
 * families that GGUF has names for), else a folder that `assemble` opens (any
 * model). Loading it equals loading the model with the same `dtype`, bit for bit.
 * A run that fails leaves nothing, and what was there before as it was.
 *
 * @throws {RookeryError} `usage` for unknown formats, names to keep that are
 * none, and an output that is there; `config` or `weights` for a model that does
 * not fit, or that GGUF has no place for; `numeric` for values that a format
 * cannot hold; `file` for files that cannot be read or written
 */
export async function quantize(
  model: string | URL | LocatedConfig | ModelConfig,
  out: string,
  options: QuantizeOptions,
): Promise<QuantizeReport> {
  const { force = false } = options;
  const container = out.endsWith(".gguf") ? "gguf" : "folder";
  const rule = new FormatRule(options, container);
  await checkOutput(out, force);
  const catalog = new Catalog(options.plugins ?? builtinPlugins());
  const located = await locateConfig(model, catalog, options.base);
  const none = { given: {}, initial: undefined };
  checkHasWeights(located, none);
  checkSections(located, catalog);
  using opened = new OpenedSources(
    await catalog.readers(),
    sourceOptions(located, options),
  );
  const sources = new RecordedSources(opened);
  const prepared = await prepareModel(located, { catalog, sources, ...none });
  const watch = new Watch(options.onProgress);
  const job: QuantizeJob = {
    located,
    prepared,
    sources,
    rule,
    onWritten: (tensor) => watch.tell(tensor),
  };
  const plan = container === "gguf"
    ? await planGguf(job)
    : await planFolder(job);
  rule.checkKept();
  const { tensors } = plan;
  const bytesAfter = sum(tensors, "bytesAfter");
  watch.totalBytes = bytesAfter;
  const inputs = sources.paths;
  await withOutput(out, { force, inputs }, (path) => plan.write(path));
  const bytesBefore = sum(tensors, "bytesBefore");
  return { out, container, tensors, bytesBefore, bytesAfter };
}

/** Counts bytes for reports of progress. */
class Watch {
  /** Bytes of all tensors. */
  totalBytes = 0;
  #doneBytes = 0;
  readonly #onProgress: QuantizeOptions["onProgress"];

  /** Reports to `onProgress`. */
  constructor(onProgress: QuantizeOptions["onProgress"]) {
    this.#onProgress = onProgress;
  }

  /** A tensor was written. */
  tell({ name, bytesAfter }: QuantizedTensor): void {
    this.#doneBytes += bytesAfter;
    const { totalBytes } = this;
    const doneBytes = this.#doneBytes;
    this.#onProgress?.({ name, stage: "write", doneBytes, totalBytes });
  }
}

function sum(
  tensors: readonly QuantizedTensor[],
  key: "bytesBefore" | "bytesAfter",
): number {
  return tensors.reduce((total, tensor) => total + tensor[key], 0);
}
