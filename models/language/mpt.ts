/**
 * The MPT family of decoders (MosaicML, 2023; Hugging Face `modeling_mpt.py`
 * and `llm-foundry`): layer norms mostly without biases, linear biases by
 * distance (ALiBi) or learnt positions, GELU. MPT-1B normalises whole queries
 * and keys before they are split into heads.
 *
 * @module
 */

import type { Template, Tensors, WeightScope } from "../../core/template.ts";
import { constant, type Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { clamp } from "../../ops/clamp.ts";
import { embedding } from "../../ops/embedding.ts";
import { gelu } from "../../ops/gelu.ts";
import { kvWrite } from "../../ops/kv_write.ts";
import { layerNorm } from "../../ops/layer_norm.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { pagedAttention } from "../../ops/paged_attention.ts";
import { positions } from "../../ops/positions.ts";
import { scalar } from "../../ops/scalar.ts";
import { slice } from "../../ops/slice.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { DecoderBlock, LanguageModel } from "../slots.ts";
import { alibiSlopes } from "./alibi_slopes.ts";

/** Sizes of an MPT model. */
export interface MptConfig {
  /** Layers. */
  readonly layers: number;
  /** Width of the residual stream; `heads` divides it. */
  readonly width: number;
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads; `heads` is a multiple. */
  readonly kvHeads: number;
  /** Width of the feed-forward layer. */
  readonly ffnWidth: number;
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Added to the variance in norms. */
  readonly normEps: number;
  /** Biases by distance, or embeddings of positions. */
  readonly positions: "alibi" | "learned";
  /** Exponent of the gentlest slope of `alibi`. */
  readonly alibiBiasMax: number;
  /** Factor of the scores, mostly `1 / sqrt(width / heads)`. */
  readonly softmaxScale: number;
  /** Queries, keys and values are cut to ± this; Infinity for no cut. */
  readonly clipQkv: number;
  /** Whether whole queries and keys are normalised before heads are split. */
  readonly hasQkNorm: boolean;
  /** Whether all linear layers and norms have biases. */
  readonly hasBias: boolean;
  /** Factor of the logits. */
  readonly logitScale: number;
  /** Whether the head is the embedding. */
  readonly isTied: boolean;
}

/** Name of the embedding's weight. */
export const MPT_EMBEDDING = "transformer.wte.weight";

/** Name of the head's weight, where it is not tied. */
export const MPT_HEAD = "lm_head.weight";

/** An MPT model by its Hugging Face tensor names. */
export function mpt(config: MptConfig): LanguageModel {
  const { width, heads, kvHeads, vocabulary, context } = config;
  const block = mptBlock(config);
  return {
    width,
    vocabulary,
    context,
    cache: { heads: kvHeads, headDim: width / heads },
    embed: { template: mptEmbed(config), prefix: "transformer." },
    blocks: Array.from({ length: config.layers }, (_, i): DecoderBlock => ({
      template: block,
      prefix: `transformer.blocks.${i}.`,
    })),
    head: { template: mptHead(config), prefix: "" },
  };
}

function mptEmbed(config: MptConfig): Template {
  const { vocabulary, width, context } = config;
  return {
    name: "mpt/embed",
    build(scope, { ids, control }): Tensors {
      const weight = scope.weight("wte.weight", [vocabulary, width]);
      const at = positions(control!, { length: ids!.shape[1]! }); // [b, l]
      const x = embedding(weight, ids!); // [b, l, d]
      if (config.positions === "alibi") return { x, positions: at };
      const learned = scope.weight("wpe.weight", [context, width]);
      return { x: add(x, embedding(learned, at)), positions: at };
    },
  };
}

function mptBlock(config: MptConfig): Template {
  const { heads, alibiBiasMax } = config;
  const slopes = config.positions === "alibi"
    ? constant(
      { dtype: "f32", shape: [heads] },
      alibiSlopes(heads, alibiBiasMax),
    )
    : undefined;
  return {
    name: "mpt/block",
    build(scope, inputs): Tensors {
      const { x, cache } = selfAttention(config, scope, inputs, slopes);
      return { x: feedForward(config, scope, x), cache };
    },
  };
}

/** `x + out_proj(attention(q, k, v))`, keys and values kept in pages. */
function selfAttention(
  config: MptConfig,
  scope: WeightScope,
  inputs: Tensors,
  slopes: Tensor | undefined,
): { x: Tensor; cache: Tensor } {
  const { x, control, table } = inputs as Record<string, Tensor>;
  const { heads, kvHeads, width, hasBias, softmaxScale: scale } = config;
  const attn = scope.at("attn");
  const h = normed(config, scope.at("norm_1"), x!);
  const { q, k, v } = queriesKeysValues(config, attn, h);
  const keys = splitHeads(k, kvHeads); // [b, l, g, k]
  const values = splitHeads(v, kvHeads); // [b, l, g, k]
  const cache = kvWrite(inputs.cache!, keys, values, control!, table!);
  const queries = splitHeads(q, heads); // [b, l, h, k]
  const read = slopes
    ? pagedAttention(queries, cache, control!, table!, slopes, {
      scale,
      bias: "slopes",
    })
    : pagedAttention(queries, cache, control!, table!, { scale });
  const out = linear(attn.at("out_proj"), joinHeads(read), {
    outputs: width,
    hasBias,
  });
  return { x: add(x!, named(out, "attention")), cache };
}

/** Cut, split [b, l, ..] and, where the model does so, normalised. */
function queriesKeysValues(
  config: MptConfig,
  attn: WeightScope,
  h: Tensor,
): { q: Tensor; k: Tensor; v: Tensor } {
  const { heads, kvHeads, width, hasBias, clipQkv, hasQkNorm } = config;
  const kvWidth = kvHeads * width / heads;
  const outputs = width + 2 * kvWidth;
  const whole = linear(attn.at("Wqkv"), h, { outputs, hasBias });
  const fused = Number.isFinite(clipQkv)
    ? clamp(whole, { low: -clipQkv, high: clipQkv })
    : whole;
  const part = (start: number, end: number) =>
    slice(fused, { axis: -1, start, end });
  const q = part(0, width);
  const k = part(width, width + kvWidth);
  const v = part(width + kvWidth, outputs);
  if (!hasQkNorm) return { q, k, v };
  return {
    q: normed(config, attn.at("q_ln"), q),
    k: normed(config, attn.at("k_ln"), k),
    v,
  };
}

/** `x + down_proj(gelu(up_proj(norm_2(x))))`. */
function feedForward(
  config: MptConfig,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const { width, ffnWidth, hasBias } = config;
  const ffn = scope.at("ffn");
  const h = normed(config, scope.at("norm_2"), x);
  const up = linear(ffn.at("up_proj"), h, { outputs: ffnWidth, hasBias });
  const wide = gelu(up, { approximate: "none" });
  const down = linear(ffn.at("down_proj"), wide, { outputs: width, hasBias });
  return named(add(x, down), "x");
}

/** Layer norm, without a bias where the model has none. */
function normed(
  { normEps: eps, hasBias }: MptConfig,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  if (hasBias) return norm(scope, x, eps);
  return layerNorm(x, scope.weight("weight", [x.shape.at(-1)!]), { eps });
}

function mptHead(config: MptConfig): Template {
  const { vocabulary, width, isTied, logitScale } = config;
  return {
    name: "mpt/head",
    build(scope, { x }): Tensors {
      const h = normed(config, scope.at("transformer.norm_f"), x!);
      // The narrow side is scaled: the result is the same.
      const scaled = logitScale === 1 ? h : mul(h, scalar(logitScale));
      const name = isTied ? MPT_EMBEDDING : MPT_HEAD;
      const weight = scope.weight(name, [vocabulary, width]);
      return { logits: matmul(scaled, weight, { isTransposed: true }) };
    },
  };
}
