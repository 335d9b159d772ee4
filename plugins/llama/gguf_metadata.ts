/**
 * What a GGUF file says of a LLaMA model, from its sizes.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import type { LlamaConfig } from "../../models/language/llama.ts";
import {
  type RopeScaling,
  scaledRope,
  yarnAttention,
} from "../../models/language/rope_scaling.ts";
import { computedTensor } from "../computed_tensor.ts";
import { checkPlaces } from "../gguf_file.ts";
import { ggufF32, ggufText, ggufU32, type GgufValue } from "../gguf_value.ts";

/** The tensor that divides each rotary frequency, where there is one. */
export const ROPE_FACTORS = "rope_freqs.weight";

/**
 * Metadata below `llama.`.
 *
 * @throws {RookeryError} `config` for an activation other than SiLU and for
 * kinds of scaled rotary positions that the format has no place for
 */
export function metadataOf(sizes: LlamaConfig): Record<string, GgufValue> {
  checkPlaces("llama", sizes, { activation: "silu" });
  return {
    block_count: ggufU32(sizes.layers),
    context_length: ggufU32(sizes.context),
    embedding_length: ggufU32(sizes.width),
    feed_forward_length: ggufU32(sizes.ffnWidth),
    "attention.head_count": ggufU32(sizes.heads),
    "attention.head_count_kv": ggufU32(sizes.kvHeads),
    "attention.key_length": ggufU32(sizes.headDim),
    "attention.value_length": ggufU32(sizes.headDim),
    "attention.layer_norm_rms_epsilon": ggufF32(sizes.normEps),
    "rope.dimension_count": ggufU32(sizes.headDim),
    "rope.freq_base": ggufF32(sizes.ropeTheta),
    vocab_size: ggufU32(sizes.vocabulary),
    ...scalingOf(sizes.ropeScaling),
  };
}

function scalingOf(scaling: RopeScaling): Record<string, GgufValue> {
  const { kind, factor = 1 } = scaling;
  switch (kind) {
    case "none":
    case "llama3":
    case "factors":
      return {};
    case "linear":
      return {
        "rope.scaling.type": ggufText(kind),
        "rope.scaling.factor": ggufF32(factor),
      };
    case "yarn":
      checkYarn(scaling);
      return {
        "rope.scaling.type": ggufText(kind),
        "rope.scaling.factor": ggufF32(factor),
        "rope.scaling.original_context_length": ggufU32(
          scaling.originalContext ?? 0,
        ),
      };
    case "dynamic":
    case "longrope":
      throw noPlace(kind, "none, linear, yarn, llama3 and factors");
  }
}

/** Of YaRN only the factor and the context are read from files. */
function checkYarn({ factor = 1, ...rest }: RopeScaling): void {
  const { betaFast = 32, betaSlow = 1, isTruncated = true } = rest;
  const { attentionFactor = yarnAttention(factor) } = rest;
  const isUsual = betaFast === 32 && betaSlow === 1 && isTruncated &&
    attentionFactor === yarnAttention(factor);
  if (!isUsual) throw noPlace("yarn with bounds of its own", "the usual ones");
}

/** What each frequency is divided by, where metadata do not say it. */
export function ropeFactors(sizes: LlamaConfig): StoredTensor[] {
  const { ropeTheta: theta, headDim: dims, context, ropeScaling } = sizes;
  if (!["llama3", "factors"].includes(ropeScaling.kind)) return [];
  const rope = { theta, dims, context };
  const plain = scaledRope(rope, { kind: "none" }).frequencies;
  const scaled = scaledRope(rope, ropeScaling).frequencies;
  const factors = Float32Array.from(plain, (each, i) => each / scaled[i]!);
  return [computedTensor(ROPE_FACTORS, [dims / 2], () => factors)];
}

function noPlace(what: string, rule: string): RookeryError {
  return new RookeryError(
    "config",
    "Cannot write a GGUF file of architecture llama as the model's rotary " +
      `positions are scaled by ${what}: the format has a place for ${rule}, ` +
      "so write a folder",
    { expected: rule, actual: what },
  );
}
