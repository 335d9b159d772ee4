/**
 * The LLaMA family of decoders (Touvron et al., 2023; Hugging Face
 * `modeling_llama.py`): RMS norms, rotary positions, grouped heads, SwiGLU.
 *
 * @module
 */

import type { Template, Tensors, WeightScope } from "../../core/template.ts";
import { constant, type Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { embedding } from "../../ops/embedding.ts";
import { kvWrite } from "../../ops/kv_write.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { pagedAttention } from "../../ops/paged_attention.ts";
import { positions } from "../../ops/positions.ts";
import { rmsNorm } from "../../ops/rms_norm.ts";
import { rope, ropeTable } from "../../ops/rope.ts";
import { joinHeads, linear, named, splitHeads } from "../layers.ts";
import type { DecoderBlock, LanguageModel } from "../slots.ts";
import { activate, type ActivationName } from "./activation.ts";
import { type RopeScaling, scaledRope } from "./rope_scaling.ts";

/** Sizes of a LLaMA model, named as in its `config.json`. */
export interface LlamaConfig {
  /** Layers. */
  readonly layers: number;
  /** Width of the residual stream. */
  readonly width: number;
  /** Query heads. */
  readonly heads: number;
  /** Key and value heads; `heads` is a multiple. */
  readonly kvHeads: number;
  /** Width of a head. */
  readonly headDim: number;
  /** Width of the feed-forward layer. */
  readonly ffnWidth: number;
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** Added to the mean square in norms. */
  readonly normEps: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  /** How these frequencies are scaled. */
  readonly ropeScaling: RopeScaling;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Activation of the feed-forward layer's gate. */
  readonly activation: ActivationName;
  /** Whether the four projections of attention have biases. */
  readonly hasAttentionBias: boolean;
  /** Whether the three projections of the feed-forward layer have biases. */
  readonly hasFfnBias: boolean;
  /** Whether the head is the embedding. */
  readonly isTied: boolean;
}

/** Name of the embedding's weight. */
export const LLAMA_EMBEDDING = "model.embed_tokens.weight";

/** Name of the head's weight, where it is not tied. */
export const LLAMA_HEAD = "lm_head.weight";

/**
 * A LLaMA model by its Hugging Face tensor names.
 *
 * @throws {RookeryError} `config` for a scaling of rotary positions that lacks
 * numbers, or that cannot have so long a context
 */
export function llama(config: LlamaConfig): LanguageModel {
  const block = llamaBlock(config);
  return {
    width: config.width,
    vocabulary: config.vocabulary,
    context: config.context,
    cache: { heads: config.kvHeads, headDim: config.headDim },
    embed: { template: llamaEmbed(config), prefix: "" },
    blocks: Array.from({ length: config.layers }, (_, i): DecoderBlock => ({
      template: block,
      prefix: `model.layers.${i}.`,
    })),
    head: { template: llamaHead(config), prefix: "" },
  };
}

function llamaEmbed({ vocabulary, width }: LlamaConfig): Template {
  return {
    name: "llama/embed",
    build(scope, { ids, control }): Tensors {
      const weight = scope.weight(LLAMA_EMBEDDING, [vocabulary, width]);
      return {
        x: embedding(weight, ids!), // [b, l, d]
        positions: positions(control!, { length: ids!.shape[1]! }), // [b, l]
      };
    },
  };
}

function llamaBlock(config: LlamaConfig): Template {
  const { context, headDim: dims, ropeTheta: theta, ropeScaling } = config;
  const scaled = scaledRope({ theta, dims, context }, ropeScaling);
  const values = ropeTable({ theta, dims, length: context, ...scaled });
  const shape = [context, dims / 2, 2];
  const rotations = constant({ dtype: "f32", shape }, values);
  return {
    name: "llama/block",
    build(scope, inputs): Tensors {
      const { x, cache } = selfAttention(config, scope, inputs, rotations);
      return { x: feedForward(config, scope, x), cache };
    },
  };
}

/** `x + o(attention(rope(q), rope(k), v))`, keys and values kept in pages. */
function selfAttention(
  config: LlamaConfig,
  scope: WeightScope,
  inputs: Tensors,
  rotations: Tensor,
): { x: Tensor; cache: Tensor } {
  const { heads, kvHeads, headDim, width, normEps: eps } = config;
  const { hasAttentionBias: hasBias } = config;
  const { x, positions, control, table } = inputs as Record<string, Tensor>;
  const attn = scope.at("self_attn");
  const h = rmsNorm(x!, scope.weight("input_layernorm.weight", [width]), {
    eps,
  });
  const project = (name: string, count: number) =>
    splitHeads(
      linear(attn.at(name), h, { outputs: count * headDim, hasBias }),
      count,
    );
  const q = rope(project("q_proj", heads), positions!, rotations); // [b, l, h, k]
  const k = rope(project("k_proj", kvHeads), positions!, rotations); // [b, l, g, k]
  const v = project("v_proj", kvHeads); // [b, l, g, k]
  const cache = kvWrite(inputs.cache!, k, v, control!, table!);
  const scale = 1 / Math.sqrt(headDim);
  const read = pagedAttention(q, cache, control!, table!, { scale });
  const out = linear(attn.at("o_proj"), joinHeads(read), {
    outputs: width,
    hasBias,
  });
  return { x: add(x!, named(out, "attention")), cache };
}

/** `x + down(act(gate(h)) · up(h))`. */
function feedForward(
  { width, ffnWidth: outputs, normEps: eps, ...config }: LlamaConfig,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const mlp = scope.at("mlp");
  const hasBias = config.hasFfnBias;
  const scale = scope.weight("post_attention_layernorm.weight", [width]);
  const h = rmsNorm(x, scale, { eps });
  const open = linear(mlp.at("gate_proj"), h, { outputs, hasBias });
  const up = linear(mlp.at("up_proj"), h, { outputs, hasBias });
  const gated = mul(activate(open, config.activation), up);
  const down = linear(mlp.at("down_proj"), gated, { outputs: width, hasBias });
  return named(add(x, down), "x");
}

function llamaHead(config: LlamaConfig): Template {
  const { vocabulary, width, normEps: eps, isTied } = config;
  const name = isTied ? LLAMA_EMBEDDING : LLAMA_HEAD;
  return {
    name: "llama/head",
    build(scope, { x }): Tensors {
      const h = rmsNorm(x!, scope.weight("model.norm.weight", [width]), {
        eps,
      });
      const weight = scope.weight(name, [vocabulary, width]);
      return { logits: matmul(h, weight, { isTransposed: true }) };
    },
  };
}
