/**
 * The text tower of CLIP (Radford et al., 2021) with what makes the two towers
 * one model: both projections and the temperature. Tensor names are those of
 * Hugging Face's `CLIPModel`.
 *
 * @module
 */

import type { WeightScope } from "../../core/template.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { embedding } from "../../ops/embedding.ts";
import { reshape } from "../../ops/reshape.ts";
import { scalar } from "../../ops/scalar.ts";
import { slice } from "../../ops/slice.ts";
import { linear, norm } from "../layers.ts";
import type { TextEncoder } from "../slots.ts";
import { clipEncoder, type ClipEncoderConfig } from "../vision/clip_encoder.ts";

/** Sizes of a CLIP text tower and of the space it shares with pictures. */
export interface ClipTextConfig extends ClipEncoderConfig {
  /** Rows of the embedding, v. */
  readonly vocabulary: number;
  /** Learnt positions: most tokens of a text. */
  readonly context: number;
  /** Width of the vectors that are compared, e. */
  readonly projectionWidth: number;
  /** Width of the vision encoder's features. */
  readonly visionWidth: number;
  /**
   * The token whose vector stands for the text: the first of this id, or the
   * first with the largest id, as OpenAI's vocabulary ends with the end mark.
   */
  readonly endToken: number | "largest";
}

/**
 * A CLIP text tower. Its vision encoder must give all tokens, as the class
 * token stands for the picture, and with the last norm.
 */
export function clipText(config: ClipTextConfig): TextEncoder {
  const { context, vocabulary, projectionWidth, visionWidth } = config;
  return {
    context,
    vocabulary,
    width: projectionWidth,
    visionWidth,
    endOf: (ids) => endOf(ids, config.endToken),
    encode: {
      name: "clip_text",
      build: (scope, { ids, ends }) => ({
        embeds: buildText(config, scope, ids!, ends!),
      }),
    },
    project: {
      name: "clip_visual_projection",
      build: (scope, { features }) => ({
        embeds: projectClass(config, scope, features!),
      }),
    },
    temperature: {
      name: "clip_logit_scale",
      build(scope) {
        // The sum makes a value of the weight, which programs can give out.
        const logScale = add(scope.weight("logit_scale", []), scalar(0));
        return { logScale: reshape(logScale, { shape: [1] }) };
      },
    },
  };
}

/** As transformers does, a text without an end is its first token. */
function endOf(
  ids: readonly number[],
  endToken: ClipTextConfig["endToken"],
): number {
  const end = endToken === "largest"
    ? ids.reduce((most, id) => Math.max(most, id), 0)
    : endToken;
  return Math.max(0, ids.indexOf(end));
}

function buildText(
  config: ClipTextConfig,
  scope: WeightScope,
  ids: Tensor,
  ends: Tensor,
): Tensor {
  const { width, normEps, projectionWidth } = config;
  const model = scope.at("text_model");
  let x = embed(config, model.at("embeddings"), ids); // [b, l, d]
  x = clipEncoder(model.at("encoder"), x, config, { isCausal: true });
  const [batch, length] = ids.shape as [number, number];
  const rows = reshape(x, { shape: [batch * length, width] });
  // The norm is one of single tokens: only those that are taken need it.
  const pooled = norm(
    model.at("final_layer_norm"),
    embedding(rows, ends),
    normEps,
  );
  return linear(scope.at("text_projection"), pooled, {
    outputs: projectionWidth,
  });
}

function embed(
  { vocabulary, context, width }: ClipTextConfig,
  scope: WeightScope,
  ids: Tensor,
): Tensor {
  const table = scope.at("token_embedding")
    .weight("weight", [vocabulary, width]);
  const positions = scope.at("position_embedding")
    .weight("weight", [context, width]);
  const end = ids.shape[1]!;
  return add(
    embedding(table, ids),
    slice(positions, { axis: 0, start: 0, end }),
  );
}

/** The class token, which is position 0, in the shared space. */
function projectClass(
  { projectionWidth }: ClipTextConfig,
  scope: WeightScope,
  features: Tensor,
): Tensor {
  const [batch, , d] = features.shape as [number, number, number];
  const first = slice(features, { axis: 1, start: 0, end: 1 });
  const pooled = reshape(first, { shape: [batch, d] });
  return linear(scope.at("visual_projection"), pooled, {
    outputs: projectionWidth,
  });
}
