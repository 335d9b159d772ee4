/**
 * The Chinchilla type of decoder (Hoffmann et al., 2022, after Gopher, Rae et
 * al., 2021), which the Flamingo paper builds on: RMS norms before each layer,
 * relative positions of Transformer-XL, GELU, no biases in linear layers. A
 * layer has 13 · width² weights and some vectors, with heads that fill the
 * width and a feed-forward layer four times as wide.
 *
 * No weights were published. What the papers leave open is a choice here: the
 * head is the embedding (the counts in the papers agree with it), GELU is the
 * tanh form (the default of the library that the authors used), each layer has
 * its own position weights and biases.
 *
 * @module
 */

import type { Template, Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import { embedding } from "../../ops/embedding.ts";
import { kvWrite } from "../../ops/kv_write.ts";
import { matmul } from "../../ops/matmul.ts";
import { pagedAttention } from "../../ops/paged_attention.ts";
import { positions } from "../../ops/positions.ts";
import { rmsNorm } from "../../ops/rms_norm.ts";
import { joinHeads, linear, named, splitHeads } from "../layers.ts";
import type { DecoderBlock, LanguageModel } from "../slots.ts";
import { activate, type ActivationName } from "./activation.ts";
import { distanceScores, sinusoidTable } from "./distance_scores.ts";

/** Sizes of a Chinchilla model. */
export interface ChinchillaConfig {
  /** Layers. */
  readonly layers: number;
  /** Width of the residual stream, even. */
  readonly width: number;
  /** Heads. */
  readonly heads: number;
  /** Width of a head. */
  readonly headDim: number;
  /** Width of the feed-forward layer. */
  readonly ffnWidth: number;
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Added to the mean square in norms. */
  readonly normEps: number;
  /** Activation of the feed-forward layer. */
  readonly activation: ActivationName;
  /** Whether the head is the embedding. */
  readonly isTied: boolean;
}

/** Name of the embedding's weight. */
export const CHINCHILLA_EMBEDDING = "embed.weight";

/** Name of the head's weight, where it is not tied. */
export const CHINCHILLA_HEAD = "head.weight";

/**
 * A Chinchilla model. Tensors: `embed.weight`, `blocks.N.` with
 * `attention_norm.weight`, `attention.{query,key,value,out,position}.weight`,
 * `attention.{content_bias,position_bias}` [h, k], `ffn_norm.weight` and
 * `ffn.{up,down}.weight`, then `norm.weight` and, untied, `head.weight`.
 */
export function chinchilla(config: ChinchillaConfig): LanguageModel {
  const { width, heads, headDim, vocabulary, context } = config;
  const block = chinchillaBlock(config);
  return {
    width,
    vocabulary,
    context,
    cache: { heads, headDim },
    embed: { template: chinchillaEmbed(config), prefix: "" },
    blocks: Array.from({ length: config.layers }, (_, i): DecoderBlock => ({
      template: block,
      prefix: `blocks.${i}.`,
    })),
    head: { template: chinchillaHead(config), prefix: "" },
  };
}

function chinchillaEmbed({ vocabulary, width }: ChinchillaConfig): Template {
  return {
    name: "chinchilla/embed",
    build(scope, { ids, control }): Tensors {
      const weight = scope.weight(CHINCHILLA_EMBEDDING, [vocabulary, width]);
      return {
        x: embedding(weight, ids!), // [b, l, d]
        positions: positions(control!, { length: ids!.shape[1]! }), // [b, l]
      };
    },
  };
}

function chinchillaBlock(config: ChinchillaConfig): Template {
  const { context, width } = config;
  // Large for large models, so that they are made when a graph is.
  const tables = new Map<number, Tensor>();
  return {
    name: "chinchilla/block",
    build(scope, inputs): Tensors {
      // No distance is beyond the pages that a row may hold.
      const held = inputs.table!.shape[1]! * PAGE_SLOTS;
      const length = Math.min(context, held);
      const distances = tables.get(length) ?? sinusoidTable({ length, width });
      tables.set(length, distances); // [D, d]
      const { x, cache } = selfAttention(config, scope, inputs, distances);
      return { x: feedForward(config, scope, x), cache };
    },
  };
}

/**
 * `x + out(attention(q, k, v))` with the scores
 * `((q + content_bias) · k + (q + position_bias) · (position · r)) / sqrt(k)`,
 * where r is the sinusoid of the distance.
 */
function selfAttention(
  { heads, headDim, width, normEps: eps }: ChinchillaConfig,
  scope: WeightScope,
  inputs: Tensors,
  distances: Tensor,
): { x: Tensor; cache: Tensor } {
  const { x, control, table } = inputs as Record<string, Tensor>;
  const attention = scope.at("attention");
  const outputs = heads * headDim;
  const h = rmsNorm(x!, scope.weight("attention_norm.weight", [width]), {
    eps,
  });
  const project = (name: string) =>
    splitHeads(linear(attention.at(name), h, { outputs }), heads);
  const q = project("query"); // [b, l, h, k]
  const k = project("key"); // [b, l, h, k]
  const v = project("value"); // [b, l, h, k]
  const cache = kvWrite(inputs.cache!, k, v, control!, table!);
  const withBias = (name: string) =>
    add(q, attention.weight(name, [heads, headDim]));
  const scale = 1 / Math.sqrt(headDim);
  const byDistance = distanceScores(
    withBias("position_bias"),
    attention.weight("position.weight", [outputs, width]),
    distances,
    { scale },
  ); // [b, l, h, D]
  const content = withBias("content_bias");
  const read = pagedAttention(content, cache, control!, table!, byDistance, {
    scale,
    bias: "distances",
  });
  const out = linear(attention.at("out"), joinHeads(read), { outputs: width });
  return { x: add(x!, named(out, "attention")), cache };
}

/** `x + down(act(up(norm(x))))`. */
function feedForward(
  { width, ffnWidth: outputs, normEps: eps, activation }: ChinchillaConfig,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const ffn = scope.at("ffn");
  const h = rmsNorm(x, scope.weight("ffn_norm.weight", [width]), { eps });
  const up = linear(ffn.at("up"), h, { outputs });
  const wide = activate(up, activation);
  return named(add(x, linear(ffn.at("down"), wide, { outputs: width })), "x");
}

function chinchillaHead(config: ChinchillaConfig): Template {
  const { vocabulary, width, normEps: eps, isTied } = config;
  const name = isTied ? CHINCHILLA_EMBEDDING : CHINCHILLA_HEAD;
  return {
    name: "chinchilla/head",
    build(scope, { x }): Tensors {
      const h = rmsNorm(x!, scope.weight("norm.weight", [width]), { eps });
      const weight = scope.weight(name, [vocabulary, width]);
      return { logits: matmul(h, weight, { isTransposed: true }) };
    },
  };
}
