/**
 * Weights onto a device, one after the other, in the wanted precision; those
 * of streamed blocks only when they are needed.
 *
 * @module
 */

import type { Device, DeviceWeight, WeightRequest } from "../core/device.ts";
import { noted } from "../core/profile/profiler.ts";
import type { PackedLayout } from "../core/layouts/layout.ts";
import { layoutNamed } from "../core/layouts/layout_named.ts";
import type { StoredFormat } from "../core/stored_tensor.ts";
import type { WeightFormat } from "../core/weight_formats.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import { finiteTensor } from "./finite_tensor.ts";
import type { BridgeSlot } from "./plugin.ts";
import type { MatchedWeight } from "./match_weights.ts";
import { directTensor, weightAs } from "./weight_as.ts";

/**
 * How matrices lie on the device. A format is what `quantize` would write;
 * `stored` keeps what the file holds: F16, Q8_0 and Q4_1 as they are, Q4_0 as
 * Q4_1 (without loss), Q4_K as Q4_1 (its levels as they are, scales and minima
 * rounded to halves), Q6_K as f16 (rounded to halves), all others as f32.
 */
export type WeightDtype = "stored" | WeightFormat;

/**
 * One precision for all parts, or one for each; `stored` where left out. Rows of
 * a vocabulary, which are the most sensitive, have their own: `embedding`, which
 * is by default that of their part, but at least Q8_0.
 */
export type WeightDtypes =
  | WeightDtype
  | Readonly<Partial<Record<BridgeSlot | "embedding", WeightDtype>>>;

/** One report while weights are loaded; the last has both counts equal. */
export interface LoadProgress {
  /** Name of the weight that was loaded. */
  readonly name: string;
  /** Tells it from the stages of fetching. */
  readonly stage: "load";
  /** Bytes of the files that are on the device. */
  readonly doneBytes: number;
  /** Bytes of all weights in their files. */
  readonly totalBytes: number;
}

/** Options of `loadWeights`. */
export interface LoadOptions {
  /** Precision of matrices. */
  readonly dtype: WeightDtypes;
  /** Whether weights are looked through for NaN and infinity. Default no. */
  readonly checkWeights?: boolean | undefined;
  /** Receives reports of progress. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /**
   * Prefixes of the blocks whose weights stay in their files and come block by
   * block whenever a program runs. Default none.
   */
  readonly streamed?: readonly string[];
}

/**
 * Loads all weights; when one fails, releases those that were loaded.
 *
 * @throws {RookeryError} `memory` beyond the device's budget, `file` for files
 * that cannot be read, `numeric` for a value that is no number where
 * `checkWeights` asks for it
 */
export function loadWeights(
  device: Device,
  matched: readonly MatchedWeight[],
  options: LoadOptions,
): Promise<Map<string, DeviceWeight>> {
  return noted(
    device.profiler,
    ["load", "weights"],
    () => loadAll(device, matched, options),
  );
}

async function loadAll(
  device: Device,
  matched: readonly MatchedWeight[],
  options: LoadOptions,
): Promise<Map<string, DeviceWeight>> {
  using held = new DisposableStack();
  const { onProgress, streamed = [] } = options;
  const requests = matched.map((each) => requestFor(each, options));
  const { blocks, resident } = splitBlocks(requests, streamed);
  const weights = new Map<string, DeviceWeight>();
  if (blocks.length > 0) {
    for (const [name, weight] of device.streamWeights(blocks)) {
      weights.set(name, held.use(weight));
    }
  }
  const totalBytes = resident.reduce(
    (sum, { stored }) => sum + stored.sizeBytes,
    0,
  );
  let doneBytes = 0;
  for (const { need, stored, layout } of resident) {
    const { name } = need;
    const weight = await device.loadWeight(need, stored, layout);
    weights.set(name, held.use(weight));
    doneBytes += stored.sizeBytes;
    onProgress?.({ name, stage: "load", doneBytes, totalBytes });
  }
  held.move();
  return weights;
}

/** How a weight is to lie on a device. */
export function requestFor(
  weight: MatchedWeight,
  { dtype, checkWeights }: Pick<LoadOptions, "dtype" | "checkWeights">,
): WeightRequest {
  const { need } = weight;
  const stored = checkWeights ? finiteTensor(weight.stored) : weight.stored;
  if (!need.isPacked) return { need, stored, layout: undefined };
  const wanted = weightAs(stored, dtypeOf(weight, dtype));
  const layout = layoutFor(wanted.format);
  return { need, stored: directTensor(wanted, layout.name), layout };
}

/** Requests by block, and those of no block. */
export interface SplitRequests<Request> {
  /** Requests of each block. */
  readonly blocks: readonly (readonly Request[])[];
  /** All others, in order. */
  readonly resident: readonly Request[];
}

/** Tells the weights of blocks, by their prefixes, from the others. */
export function splitBlocks<Request extends Pick<WeightRequest, "need">>(
  requests: readonly Request[],
  prefixes: readonly string[],
): SplitRequests<Request> {
  const blocks = new Map<string, Request[]>();
  const resident: Request[] = [];
  for (const request of requests) {
    const { name } = request.need;
    const prefix = prefixes.find((each) => name.startsWith(each));
    if (prefix === undefined) resident.push(request);
    else blocks.set(prefix, [...blocks.get(prefix) ?? [], request]);
  }
  return { blocks: [...blocks.values()], resident };
}

/** The layout that a stored format is kept in. */
export function layoutFor(format: StoredFormat): PackedLayout {
  const kept: Partial<Record<StoredFormat, string>> = {
    f16: "f16",
    q8_0: "q8_0",
    q4_1: "q4_1",
    q4_0: "q4_1",
    q4_k: "q4_1",
    q6_k: "f16",
  };
  return layoutNamed(kept[format] ?? "f32");
}

/** The precision of a matrix. */
export function dtypeOf(
  { need: { name }, isVocabulary = false }: Omit<MatchedWeight, "stored">,
  dtypes: WeightDtypes,
): WeightDtype {
  const slots = Object.keys(WEIGHT_PREFIX) as BridgeSlot[];
  const slot = slots.find((each) => name.startsWith(WEIGHT_PREFIX[each]))!;
  const { [slot]: own = "stored", embedding } = typeof dtypes === "string"
    ? { [slot]: dtypes }
    : dtypes;
  return isVocabulary ? vocabularyDtype(own, embedding) : own;
}

/**
 * The precision of embeddings and heads, the most sensitive of matrices: where
 * nobody says, their part's, but at least Q8_0.
 */
export function vocabularyDtype<T extends WeightDtype>(
  own: T,
  embedding?: T,
): T | "q8_0" {
  return embedding ?? (own === "q4_0" || own === "q4_1" ? "q8_0" : own);
}
