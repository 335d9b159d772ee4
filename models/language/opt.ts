/**
 * The OPT family of decoders (Zhang et al., 2022; Hugging Face
 * `modeling_opt.py`): learned positions, layer norms before or after each
 * half of a layer, and for one size an embedding narrower than the model.
 *
 * @module
 */

import type { Template, Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { embedding } from "../../ops/embedding.ts";
import { kvWrite } from "../../ops/kv_write.ts";
import { layerNorm } from "../../ops/layer_norm.ts";
import { matmul } from "../../ops/matmul.ts";
import { pagedAttention } from "../../ops/paged_attention.ts";
import { positions } from "../../ops/positions.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { DecoderBlock, LanguageModel } from "../slots.ts";
import { activate, type ActivationName } from "./activation.ts";

/** Sizes of an OPT model. */
export interface OptConfig {
  /** Layers. */
  readonly layers: number;
  /** Width of the residual stream; `heads` divides it. */
  readonly width: number;
  /** Width of the embedding; where it is another, it is projected. */
  readonly embeddingWidth: number;
  /** Heads. */
  readonly heads: number;
  /** Width of the feed-forward layer. */
  readonly ffnWidth: number;
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** Longest sequence, in tokens; the table of positions has 2 rows more. */
  readonly context: number;
  /** Added to the variance in norms. */
  readonly normEps: number;
  /** Activation of the feed-forward layer. */
  readonly activation: ActivationName;
  /** Whether norms stand before each half of a layer, or after its sum. */
  readonly isPreNorm: boolean;
  /** Whether a norm stands before the head. */
  readonly hasFinalNorm: boolean;
  /** Whether the layers' projections have biases. */
  readonly hasBias: boolean;
  /** Whether norms have a scale and a bias. */
  readonly hasNormWeights: boolean;
  /** Whether the head is the embedding. */
  readonly isTied: boolean;
}

/** Name of the embedding's weight. */
export const OPT_EMBEDDING = "model.decoder.embed_tokens.weight";

/** Name of the head's weight, where it is not tied. */
export const OPT_HEAD = "lm_head.weight";

/** Positions begin at this row of their table. */
const FIRST_POSITION = 2;

/** An OPT model by its Hugging Face tensor names. */
export function opt(config: OptConfig): LanguageModel {
  const { width, vocabulary, context, heads } = config;
  const block = optBlock(config);
  return {
    width,
    vocabulary,
    context,
    cache: { heads, headDim: width / heads },
    embed: { template: optEmbed(config), prefix: "" },
    blocks: Array.from({ length: config.layers }, (_, i): DecoderBlock => ({
      template: block,
      prefix: `model.decoder.layers.${i}.`,
    })),
    head: { template: optHead(config), prefix: "" },
  };
}

function optEmbed(
  { vocabulary, width, embeddingWidth, context }: OptConfig,
): Template {
  return {
    name: "opt/embed",
    build(scope, { ids, control }): Tensors {
      const length = ids!.shape[1]!;
      const weight = scope.weight(OPT_EMBEDDING, [vocabulary, embeddingWidth]);
      const decoder = scope.at("model.decoder");
      const rows = context + FIRST_POSITION;
      const table = decoder.weight("embed_positions.weight", [rows, width]);
      let x = embedding(weight, ids!); // [b, l, e]
      if (embeddingWidth !== width) {
        x = linear(decoder.at("project_in"), x, { outputs: width });
      }
      const at = positions(control!, { length, first: FIRST_POSITION });
      return {
        x: add(x, embedding(table, at)), // [b, l, d]
        positions: positions(control!, { length }), // [b, l]
      };
    },
  };
}

function optBlock(config: OptConfig): Template {
  const { isPreNorm } = config;
  return {
    name: "opt/block",
    build(scope, inputs): Tensors {
      const normed = (name: string, x: Tensor) =>
        optNorm(config, scope.at(name), x);
      const x = inputs.x!;
      const h = isPreNorm ? normed("self_attn_layer_norm", x) : x;
      const { out, cache } = selfAttention(config, scope, { ...inputs, x: h });
      let sum = add(x, named(out, "attention"));
      if (!isPreNorm) sum = normed("self_attn_layer_norm", sum);
      const wide = isPreNorm ? normed("final_layer_norm", sum) : sum;
      sum = add(sum, feedForward(config, scope, wide));
      if (!isPreNorm) sum = normed("final_layer_norm", sum);
      return { x: named(sum, "x"), cache };
    },
  };
}

function optNorm(
  { normEps: eps, hasNormWeights }: OptConfig,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  return hasNormWeights ? norm(scope, x, eps) : layerNorm(x, { eps });
}

/** Attention over `x`, without norm and residual. */
function selfAttention(
  { heads, width, hasBias }: OptConfig,
  scope: WeightScope,
  { x, cache: past, control, table }: Tensors,
): { out: Tensor; cache: Tensor } {
  const attention = scope.at("self_attn");
  const project = (name: string, from: Tensor) =>
    linear(attention.at(name), from, { outputs: width, hasBias });
  const q = splitHeads(project("q_proj", x!), heads); // [b, l, h, k]
  const k = splitHeads(project("k_proj", x!), heads); // [b, l, h, k]
  const v = splitHeads(project("v_proj", x!), heads); // [b, l, h, k]
  const cache = kvWrite(past!, k, v, control!, table!);
  const scale = 1 / Math.sqrt(width / heads);
  const read = pagedAttention(q, cache, control!, table!, { scale });
  return { out: project("out_proj", joinHeads(read)), cache };
}

/** `fc2(act(fc1(x)))`, without norm and residual. */
function feedForward(
  { width, ffnWidth, activation, hasBias }: OptConfig,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const up = linear(scope.at("fc1"), x, { outputs: ffnWidth, hasBias });
  return linear(scope.at("fc2"), activate(up, activation), {
    outputs: width,
    hasBias,
  });
}

function optHead(config: OptConfig): Template {
  const { vocabulary, width, embeddingWidth, isTied } = config;
  const name = isTied ? OPT_EMBEDDING : OPT_HEAD;
  return {
    name: "opt/head",
    build(scope, { x }): Tensors {
      const decoder = scope.at("model.decoder");
      let h = x!;
      if (config.hasFinalNorm) {
        h = optNorm(config, decoder.at("final_layer_norm"), h);
      }
      if (embeddingWidth !== width) {
        h = linear(decoder.at("project_out"), h, { outputs: embeddingWidth });
      }
      const weight = scope.weight(name, [vocabulary, embeddingWidth]);
      return { logits: matmul(h, weight, { isTransposed: true }) };
    },
  };
}
