/**
 * GPT-2 (Radford et al., 2019; Hugging Face `modeling_gpt2.py`): learned
 * positions, layer norms before each half of a layer.
 *
 * @module
 */

import type { Template, Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { embedding } from "../../ops/embedding.ts";
import { kvWrite } from "../../ops/kv_write.ts";
import { matmul } from "../../ops/matmul.ts";
import { pagedAttention } from "../../ops/paged_attention.ts";
import { positions } from "../../ops/positions.ts";
import { slice } from "../../ops/slice.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { DecoderBlock, LanguageModel } from "../slots.ts";
import { activate, type ActivationName } from "./activation.ts";

/** Sizes of a GPT-2 model. */
export interface Gpt2Config {
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
  /** Longest sequence, in tokens: rows of the table of positions. */
  readonly context: number;
  /** Added to the variance in norms. */
  readonly normEps: number;
  /** Activation of the feed-forward layer. */
  readonly activation: ActivationName;
  /** Whether scores are divided by the root of a head's width. */
  readonly isScaled: boolean;
  /** Whether scores of layer i, from 0, are divided by i + 1 too. */
  readonly isScaledByLayer: boolean;
  /** Whether the head is the embedding. */
  readonly isTied: boolean;
}

/** Name of the embedding's weight. */
export const GPT2_EMBEDDING = "transformer.wte.weight";

/** Name of the head's weight, where it is not tied. */
export const GPT2_HEAD = "lm_head.weight";

/**
 * A GPT-2 model by its Hugging Face tensor names. Matrices of layers are
 * [out, in] as in other models; the published files hold them transposed.
 */
export function gpt2(config: Gpt2Config): LanguageModel {
  const { layers, width, vocabulary, context, heads } = config;
  const blocks = Array.from(
    { length: config.isScaledByLayer ? layers : 1 },
    (_, layer) => gpt2Block(config, layer),
  );
  return {
    width,
    vocabulary,
    context,
    cache: { heads, headDim: width / heads },
    embed: { template: gpt2Embed(config), prefix: "transformer." },
    blocks: Array.from({ length: layers }, (_, i): DecoderBlock => ({
      template: blocks[i % blocks.length]!,
      prefix: `transformer.h.${i}.`,
    })),
    head: { template: gpt2Head(config), prefix: "" },
  };
}

function gpt2Embed({ vocabulary, width, context }: Gpt2Config): Template {
  return {
    name: "gpt2/embed",
    build(scope, { ids, control }): Tensors {
      const weight = scope.weight("wte.weight", [vocabulary, width]);
      const table = scope.weight("wpe.weight", [context, width]);
      const at = positions(control!, { length: ids!.shape[1]! }); // [b, l]
      const x = add(embedding(weight, ids!), embedding(table, at)); // [b, l, d]
      return { x, positions: at };
    },
  };
}

/** A layer; all are alike but where scores are scaled by layer. */
function gpt2Block(config: Gpt2Config, layer: number): Template {
  return {
    name: config.isScaledByLayer ? `gpt2/block ${layer}` : "gpt2/block",
    build(scope, inputs): Tensors {
      const { out, cache } = selfAttention(config, scope, inputs, layer);
      const sum = add(inputs.x!, named(out, "attention"));
      const x = named(add(sum, feedForward(config, scope, sum)), "x");
      return { x, cache };
    },
  };
}

/** Attention over `norm(x)`, without the residual. */
function selfAttention(
  config: Gpt2Config,
  scope: WeightScope,
  { x, cache: past, control, table }: Tensors,
  layer: number,
): { out: Tensor; cache: Tensor } {
  const { heads, width, normEps } = config;
  const h = norm(scope.at("ln_1"), x!, normEps);
  const attention = scope.at("attn");
  const fused = linear(attention.at("c_attn"), h, {
    outputs: 3 * width,
    hasBias: true,
  }); // [b, l, 3·d]: all queries, all keys, all values
  const part = (i: number) =>
    splitHeads(
      slice(fused, { axis: -1, start: i * width, end: (i + 1) * width }),
      heads,
    ); // [b, l, h, k]
  const cache = kvWrite(past!, part(1), part(2), control!, table!);
  const scale = (config.isScaled ? 1 / Math.sqrt(width / heads) : 1) /
    (config.isScaledByLayer ? layer + 1 : 1);
  const read = pagedAttention(part(0), cache, control!, table!, { scale });
  const out = linear(attention.at("c_proj"), joinHeads(read), {
    outputs: width,
    hasBias: true,
  });
  return { out, cache };
}

/** `c_proj(act(c_fc(norm(x))))`, without the residual. */
function feedForward(
  { width, ffnWidth, normEps, activation }: Gpt2Config,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  const mlp = scope.at("mlp");
  const h = norm(scope.at("ln_2"), x, normEps);
  const up = linear(mlp.at("c_fc"), h, { outputs: ffnWidth, hasBias: true });
  return linear(mlp.at("c_proj"), activate(up, activation), {
    outputs: width,
    hasBias: true,
  });
}

function gpt2Head(
  { vocabulary, width, normEps, isTied }: Gpt2Config,
): Template {
  const name = isTied ? GPT2_EMBEDDING : GPT2_HEAD;
  return {
    name: "gpt2/head",
    build(scope, { x }): Tensors {
      const h = norm(scope.at("transformer.ln_f"), x!, normEps);
      const weight = scope.weight(name, [vocabulary, width]);
      return { logits: matmul(h, weight, { isTransposed: true }) };
    },
  };
}
