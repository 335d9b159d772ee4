/**
 * GATED XATTN-DENSE (Flamingo, section 2.2) in its published dialects: each
 * text token reads the latents of the latest picture before it, through a gate
 * that starts closed.
 *
 * A token before the first picture gets no cross-attention term, exactly; the
 * gated feed-forward layer runs on every token. That holds for tokens that
 * read all pictures up to them as well, where open_flamingo
 * (`only_attend_immediate_media=False`) differs: it has such tokens attend
 * evenly to all pictures of the padded batch, those to come among them, so that
 * they depend on what else is in the batch.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Template, Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { mediaAttention } from "../../ops/media_attention.ts";
import { mediaWrite } from "../../ops/media_write.ts";
import { mul } from "../../ops/mul.ts";
import { rmsNorm } from "../../ops/rms_norm.ts";
import { slice } from "../../ops/slice.ts";
import { tanh } from "../../ops/tanh.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { CrossAttention } from "../slots.ts";
import {
  CROSS_ATTENTION_DIALECTS,
  type CrossAttentionDialect,
  type CrossAttentionDialectName,
} from "./cross_attention_dialect.ts";
import {
  gatedFeedForward,
  type GatedFeedForwardConfig,
} from "./gated_feed_forward.ts";

/** Sizes and choices of gated cross-attention. */
export interface CrossAttentionConfig extends GatedFeedForwardConfig {
  /** Names and forms, see `CROSS_ATTENTION_DIALECTS`. */
  readonly dialect: CrossAttentionDialectName;
  /** Layers that a gated block precedes, rising. */
  readonly layers: readonly number[];
  /** Prefix of a block's weights: the layer's index, and the block's own. */
  readonly prefixOf: (layer: number, block: number) => string;
  /** Width of the language model, d. */
  readonly width: number;
  /** Width of the latents. */
  readonly mediaWidth: number;
  /** Latents a picture, r. */
  readonly latents: number;
  /** Attention heads, h. */
  readonly heads: number;
  /** Width of a head, k. */
  readonly headDim: number;
  /** A gate is one number [1], or one an element of the text [1, 1, d]. */
  readonly gate: "scalar" | "vector";
  /** Whether each head's queries and keys pass an RMS norm of their own. */
  readonly qkNorms: boolean;
  /** Added to variances in norms. */
  readonly normEps: number;
  /** Which pictures a token reads: its latest, or all up to it. */
  readonly attendTo: "latest" | "all";
}

/** A config with its dialect looked up. */
interface Gated extends CrossAttentionConfig {
  readonly names: CrossAttentionDialect;
}

/**
 * Gated cross-attention blocks before the given layers.
 *
 * @throws {RookeryError} `config` for `qkNorms` in a dialect that has none
 */
export function crossAttention(config: CrossAttentionConfig): CrossAttention {
  const { heads, headDim, latents, mediaWidth, layers, prefixOf } = config;
  const gated = { ...config, names: CROSS_ATTENTION_DIALECTS[config.dialect] };
  checkHeadNorms(gated);
  const isAdapted = gated.names.isAsWideAsText && mediaWidth !== config.width;
  return {
    blocks: layers.map((layer, i) => ({ layer, prefix: prefixOf(layer, i) })),
    cache: { heads, headDim, latents },
    mediaWidth,
    attendTo: config.attendTo,
    ...(isAdapted ? { adapt: adaptWidth(config.width) } : {}),
    project: {
      name: "cross_attention/project",
      build: (scope, inputs) => buildProject(gated, scope, inputs),
    },
    attend: {
      name: "cross_attention/attend",
      build: (scope, inputs) => buildAttend(gated, scope, inputs),
    },
  };
}

function checkHeadNorms({ dialect, names, qkNorms }: Gated): void {
  if (!qkNorms || names.headNorms !== undefined) return;
  throw new RookeryError(
    "config",
    `Cannot norm queries and keys in the dialect "${dialect}" as it has no ` +
      'names for such norms: leave crossAttention.qkNorms out, or use "idefics"',
    { path: "crossAttention.qkNorms", actual: qkNorms },
  );
}

/** `media_proj`: latents [t, r, d] to the width of the text, for all blocks. */
function adaptWidth(outputs: number): Template {
  return {
    name: "cross_attention/adapt",
    build: (scope, { latents }) => ({
      latents: linear(scope.at("media_proj"), latents!, { outputs }),
    }),
  };
}

/** Keys and values of pictures, once per picture. */
function buildProject(
  { names, heads, headDim, qkNorms, normEps: eps }: Gated,
  scope: WeightScope,
  { latents, slots, cache }: Tensors,
): Tensors {
  const inner = heads * headDim;
  const [key, value] = keysAndValues(names, scope, latents!, inner);
  let k = splitHeads(key, heads); // [t, r, h, k]
  if (qkNorms) k = rms(scope.at(names.headNorms![1]), k, eps);
  k = named(k, "media_key");
  return { cache: mediaWrite(cache!, k, splitHeads(value, heads), slots!) };
}

/** Both [t, r, h·k]. */
function keysAndValues(
  { keyValue }: CrossAttentionDialect,
  scope: WeightScope,
  latents: Tensor,
  outputs: number,
): readonly [keys: Tensor, values: Tensor] {
  const project = (name: string, outputs: number) =>
    linear(scope.at(name), latents, { outputs });
  if (typeof keyValue !== "string") {
    return [project(keyValue[0], outputs), project(keyValue[1], outputs)];
  }
  const both = project(keyValue, 2 * outputs);
  return [
    slice(both, { axis: 2, start: 0, end: outputs }),
    slice(both, { axis: 2, start: outputs, end: 2 * outputs }),
  ];
}

function buildAttend(
  config: Gated,
  scope: WeightScope,
  { x, media, mediaTable, cache }: Tensors,
): Tensors {
  const { names, heads, headDim, latents, width, attendTo } = config;
  const h = normOf(config, scope.at(names.attentionNorm), x!);
  const query = linear(scope.at(names.query), h, { outputs: heads * headDim });
  let q = splitHeads(query, heads); // [b, l, h, k]
  if (config.qkNorms) {
    q = rms(scope.at(names.headNorms![0]), q, config.normEps);
  }
  q = named(q, "media_query");
  const read = mediaAttention(q, cache!, media!, mediaTable!, {
    scale: 1 / Math.sqrt(headDim),
    attendTo,
    latents,
  });
  const out = linear(scope.at(names.out), joinHeads(read), { outputs: width });
  const attended = named(out, "cross_attention");
  const gate = gateOf(config, scope, names.alpha, "attention_gate");
  const y = add(x!, mul(attended, gate));
  const { norm: before, alpha } = names.feedForward;
  const wide = normOf(config, scope.at(before), y);
  const dense = gatedFeedForward(scope, names.feedForward, wide, config);
  const denseGate = gateOf(config, scope, alpha, "dense_gate");
  return { x: add(y, mul(dense, denseGate)) };
}

/** `tanh(α)`; a gate of 0 leaves what is added to as it is, bit for bit. */
function gateOf(
  { gate, width }: Gated,
  scope: WeightScope,
  name: string,
  label: string,
): Tensor {
  const shape = gate === "vector" ? [1, 1, width] : [1];
  return named(tanh(scope.weight(name, shape)), label);
}

/** The dialect's norm over the width of the text. */
function normOf(
  { names, normEps: eps }: Gated,
  scope: WeightScope,
  x: Tensor,
): Tensor {
  return names.norm === "layer" ? norm(scope, x, eps) : rms(scope, x, eps);
}

/** RMS norm over the last axis; of heads, with one weight [k] for all. */
function rms(scope: WeightScope, x: Tensor, eps: number): Tensor {
  return rmsNorm(x, scope.weight("weight", [x.shape.at(-1)!]), { eps });
}
