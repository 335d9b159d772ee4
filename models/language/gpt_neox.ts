/**
 * The GPT-NeoX family of decoders (Black et al., 2022; Hugging Face
 * `modeling_gpt_neox.py`): layer norms, rotary positions in a part of each
 * head, attention and feed-forward layer side by side or one after the other.
 * Pythia and RedPajama-INCITE are of it.
 *
 * @module
 */

import type { Template, Tensors, WeightScope } from "../../core/template.ts";
import { constant, type Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { embedding } from "../../ops/embedding.ts";
import { kvWrite } from "../../ops/kv_write.ts";
import { matmul } from "../../ops/matmul.ts";
import { pagedAttention } from "../../ops/paged_attention.ts";
import { positions } from "../../ops/positions.ts";
import { rope, ropeTable } from "../../ops/rope.ts";
import { slice } from "../../ops/slice.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { DecoderBlock, LanguageModel } from "../slots.ts";
import { activate, type ActivationName } from "./activation.ts";

/** Sizes of a GPT-NeoX model. */
export interface GptNeoxConfig {
  /** Layers. */
  readonly layers: number;
  /** Width of the residual stream; `heads` divides it. */
  readonly width: number;
  /** Heads. */
  readonly heads: number;
  /** Width of the feed-forward layer. */
  readonly ffnWidth: number;
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** Added to the variance in norms. */
  readonly normEps: number;
  /** Base of the rotary frequencies. */
  readonly ropeTheta: number;
  /** Elements of each head that turn: the first ones, an even number. */
  readonly rotaryDims: number;
  /** Activation of the feed-forward layer. */
  readonly activation: ActivationName;
  /**
   * Whether the feed-forward layer reads what attention reads, so that both
   * are added at once, or the sum with attention.
   */
  readonly isParallel: boolean;
  /** Whether the projections of attention have biases. */
  readonly hasAttentionBias: boolean;
  /** Whether the head is the embedding. */
  readonly isTied: boolean;
}

/** Name of the embedding's weight. */
export const GPT_NEOX_EMBEDDING = "gpt_neox.embed_in.weight";

/** Name of the head's weight, where it is not tied. */
export const GPT_NEOX_HEAD = "embed_out.weight";

/** A GPT-NeoX model by its Hugging Face tensor names. */
export function gptNeox(config: GptNeoxConfig): LanguageModel {
  const { width, vocabulary, context, heads } = config;
  const block = gptNeoxBlock(config);
  return {
    width,
    vocabulary,
    context,
    cache: { heads, headDim: width / heads },
    embed: { template: gptNeoxEmbed(config), prefix: "" },
    blocks: Array.from({ length: config.layers }, (_, i): DecoderBlock => ({
      template: block,
      prefix: `gpt_neox.layers.${i}.`,
    })),
    head: { template: gptNeoxHead(config), prefix: "" },
  };
}

function gptNeoxEmbed({ vocabulary, width }: GptNeoxConfig): Template {
  return {
    name: "gpt_neox/embed",
    build(scope, { ids, control }): Tensors {
      const weight = scope.weight(GPT_NEOX_EMBEDDING, [vocabulary, width]);
      return {
        x: embedding(weight, ids!), // [b, l, d]
        positions: positions(control!, { length: ids!.shape[1]! }), // [b, l]
      };
    },
  };
}

function gptNeoxBlock(config: GptNeoxConfig): Template {
  const { context: length, rotaryDims: dims, ropeTheta: theta } = config;
  const values = ropeTable({ theta, dims, length });
  const shape = [length, dims / 2, 2];
  const rotations = constant({ dtype: "f32", shape }, values);
  return {
    name: "gpt_neox/block",
    build(scope, inputs): Tensors {
      const x = inputs.x!;
      const read = selfAttention(config, scope, inputs, rotations);
      const sum = add(x, named(read.out, "attention"));
      const h = config.isParallel ? x : sum;
      return {
        x: named(add(sum, feedForward(config, scope, h)), "x"),
        cache: read.cache,
      };
    },
  };
}

/** Attention over `norm(x)`, without the residual. */
function selfAttention(
  { heads, width, normEps, hasAttentionBias: hasBias }: GptNeoxConfig,
  scope: WeightScope,
  inputs: Tensors,
  rotations: Tensor,
): { out: Tensor; cache: Tensor } {
  const { x, positions, control, table } = inputs as Record<string, Tensor>;
  const attention = scope.at("attention");
  const h = norm(scope.at("input_layernorm"), x!, normEps);
  const fused = linear(attention.at("query_key_value"), h, {
    outputs: 3 * width,
    hasBias,
  });
  // Each head's rows lie together: its query, its key, its value.
  const perHead = splitHeads(fused, heads); // [b, l, h, 3·k]
  const k = width / heads;
  const part = (i: number) =>
    slice(perHead, { axis: -1, start: i * k, end: (i + 1) * k });
  const query = rope(part(0), positions!, rotations); // [b, l, h, k]
  const key = rope(part(1), positions!, rotations); // [b, l, h, k]
  const cache = kvWrite(inputs.cache!, key, part(2), control!, table!);
  const scale = 1 / Math.sqrt(k);
  const read = pagedAttention(query, cache, control!, table!, { scale });
  const out = linear(attention.at("dense"), joinHeads(read), {
    outputs: width,
    hasBias,
  });
  return { out, cache };
}

/** `down(act(up(norm(x))))`, without the residual. */
function feedForward(
  { width, ffnWidth, normEps, activation }: GptNeoxConfig,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const mlp = scope.at("mlp");
  const h = norm(scope.at("post_attention_layernorm"), x, normEps);
  const up = linear(mlp.at("dense_h_to_4h"), h, {
    outputs: ffnWidth,
    hasBias: true,
  });
  return linear(mlp.at("dense_4h_to_h"), activate(up, activation), {
    outputs: width,
    hasBias: true,
  });
}

function gptNeoxHead(
  { vocabulary, width, normEps, isTied }: GptNeoxConfig,
): Template {
  const name = isTied ? GPT_NEOX_EMBEDDING : GPT_NEOX_HEAD;
  return {
    name: "gpt_neox/head",
    build(scope, { x }): Tensors {
      const h = norm(scope.at("gpt_neox.final_layer_norm"), x!, normEps);
      const weight = scope.weight(name, [vocabulary, width]);
      return { logits: matmul(h, weight, { isTransposed: true }) };
    },
  };
}
