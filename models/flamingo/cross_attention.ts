/**
 * GATED XATTN-DENSE (Flamingo, section 2.2; tensor names of open_flamingo
 * `src/helpers.py`): each text token reads the latents of the latest picture
 * before it, through a gate that starts closed.
 *
 * A token before the first picture gets no cross-attention term, exactly; the
 * gated feed-forward layer runs on every token.
 *
 * @module
 */

import type { Tensors, WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { mediaAttention } from "../../ops/media_attention.ts";
import { mediaWrite } from "../../ops/media_write.ts";
import { mul } from "../../ops/mul.ts";
import { slice } from "../../ops/slice.ts";
import { tanh } from "../../ops/tanh.ts";
import { joinHeads, linear, named, norm, splitHeads } from "../layers.ts";
import type { CrossAttention } from "../slots.ts";
import { type Activation, feedForward } from "./feed_forward.ts";

/** Sizes and choices of gated cross-attention. */
export interface CrossAttentionConfig {
  /** Layers that a gated block precedes, rising. */
  readonly layers: readonly number[];
  /** Prefix of layer i's block in the checkpoint. */
  readonly prefixOf: (layer: number) => string;
  /** Width of the language model. */
  readonly width: number;
  /** Width of the latents. */
  readonly mediaWidth: number;
  /** Latents a picture. */
  readonly latents: number;
  /** Attention heads. */
  readonly heads: number;
  /** Width of a head. */
  readonly headDim: number;
  /** Width of the feed-forward layer over `width`. */
  readonly ffMult: number;
  /** Squared ReLU in the paper, exact GELU in OpenFlamingo. */
  readonly activation: Activation;
  /** Which pictures a token reads: its latest, or all up to it. */
  readonly attendTo: "latest" | "all";
}

/** Added to variances in layer norms. */
const NORM_EPS = 1e-5;

/** Gated cross-attention blocks before the given layers. */
export function crossAttention(config: CrossAttentionConfig): CrossAttention {
  const { heads, headDim, latents, mediaWidth, layers, prefixOf } = config;
  return {
    blocks: layers.map((layer) => ({ layer, prefix: prefixOf(layer) })),
    cache: { heads, headDim, latents },
    mediaWidth,
    project: {
      name: "cross_attention/project",
      build: (scope, inputs) => buildProject(config, scope, inputs),
    },
    attend: {
      name: "cross_attention/attend",
      build: (scope, inputs) => buildAttend(config, scope, inputs),
    },
  };
}

/** Keys and values of pictures, once per picture. */
function buildProject(
  { heads, headDim }: CrossAttentionConfig,
  scope: WeightScope,
  { latents, slots, cache }: Tensors,
): Tensors {
  const inner = heads * headDim;
  const to = scope.at("attn", "to_kv");
  const kv = linear(to, latents!, { outputs: 2 * inner }); // [t, r, 2·h·k]
  const k = slice(kv, { axis: 2, start: 0, end: inner });
  const v = slice(kv, { axis: 2, start: inner, end: 2 * inner });
  return {
    cache: mediaWrite(
      cache!,
      splitHeads(k, heads),
      splitHeads(v, heads),
      slots!,
    ),
  };
}

function buildAttend(
  config: CrossAttentionConfig,
  scope: WeightScope,
  { x, media, mediaTable, cache }: Tensors,
): Tensors {
  const { heads, headDim, width, attendTo } = config;
  const attn = scope.at("attn");
  const h = norm(attn.at("norm"), x!, NORM_EPS);
  const q = linear(attn.at("to_q"), h, { outputs: heads * headDim });
  const scale = 1 / Math.sqrt(headDim);
  const read = mediaAttention(
    splitHeads(q, heads),
    cache!,
    media!,
    mediaTable!,
    { scale, attendTo },
  );
  const out = linear(attn.at("to_out"), joinHeads(read), { outputs: width });
  const y = addGated(scope, "attn_gate", x!, named(out, "cross_attention"));
  return {
    x: addGated(scope, "ff_gate", y, feedForward(scope.at("ff"), y, config)),
  };
}

/** `x + tanh(gate) · y`; a gate of 0 leaves x as it is, bit for bit. */
function addGated(
  scope: WeightScope,
  gate: string,
  x: Tensor,
  y: Tensor,
): Tensor {
  return add(x, mul(y, tanh(scope.weight(gate, [1]))));
}
