/**
 * BLIP-2's Q-Former as a resampler: from a folder or file of BLIP-2 in
 * transformers' names, or from a bridge.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import {
  qFormer,
  type QFormerConfig,
} from "../../models/resamplers/qformer.ts";
import { completedSizes, type KnownSizes } from "../completed_sizes.ts";
import { ConfigJson } from "../config_json.ts";
import {
  definePart,
  definePlugin,
  type Part,
  type PartContext,
  type Plugin,
  type TensorMap,
} from "../plugin.ts";
import { integer, number, objectOf, optional } from "../schema.ts";

/** Sizes that a config or a file tells; the features' width is the encoder's. */
type QFormerSizes = Omit<QFormerConfig, "inputWidth" | "outputWidth">;

/** Sizes of BLIP-2 (transformers' `Blip2QFormerConfig`). */
const USUAL: QFormerSizes = {
  width: 768,
  depth: 12,
  latents: 32,
  heads: 12,
  ffWidth: 3072,
  crossEvery: 2,
  normEps: 1e-12,
};

/** Tensors of other parts in a file of a whole model. */
const OTHER_PARTS = /^(vision_model|language_model)\./;

/** Weights that only texts use. */
const OF_TEXT =
  /^qformer\.(embeddings\.|encoder\.layer\.\d+\.(intermediate|output)\.)/;

/** Brings `qformer`. */
export function qFormerPlugin(): Plugin {
  return definePlugin({
    name: "qformer",
    version: "0.1.0",
    contract: 1,
    parts: [resampler()],
  });
}

function resampler(): Part<"resampler"> {
  const fields = {
    width: optional(integer()),
    outputWidth: optional(integer()),
    depth: optional(integer()),
    latents: optional(integer()),
    heads: optional(integer()),
    ffWidth: optional(integer()),
    crossEvery: optional(integer()),
    normEps: optional(number(0)),
  };
  return definePart({
    slot: "resampler",
    name: "qformer",
    schema: objectOf(fields),
    async build({ outputWidth, ...given }, context) {
      const found = await sizesOf(context);
      const of = { given, found, usual: USUAL };
      const sizes = completedSizes<QFormerSizes>("qformer", of);
      checkHeads(sizes);
      return qFormer({
        ...sizes,
        inputWidth: context.neighbours.vision!.width,
        outputWidth: outputWidth ?? projectionOf(context),
      });
    },
    weights: ({ tensors }) => ownTensors(tensors),
  });
}

/** Sizes that `config.json` of a BLIP-2 folder tells. */
async function sizesOf(
  { source }: PartContext,
): Promise<KnownSizes<QFormerSizes>> {
  const json = await source?.json("config.json");
  if (source === undefined || json === undefined) return {};
  const config = new ConfigJson(source.path, json);
  const own = config.object("qformer_config");
  own.allow("hidden_act", "gelu");
  return {
    width: own.integer("hidden_size"),
    depth: own.integer("num_hidden_layers"),
    latents: config.integer("num_query_tokens"),
    heads: own.integer("num_attention_heads"),
    ffWidth: own.integer("intermediate_size"),
    crossEvery: own.integer("cross_attention_frequency"),
    normEps: own.number("layer_norm_eps"),
  };
}

/** Rows of the projection after the queries; undefined where there is none. */
function projectionOf(
  { source, overrides }: PartContext,
): number | undefined {
  const name = "language_projection.weight";
  const shapes = source?.shapes;
  const shape = overrides.get(name) ?? shapes?.get(name) ??
    shapes?.get(`model.${name}`);
  return shape?.[0];
}

function ownTensors(tensors: TensorMap): TensorMap {
  const own = [...tensors].map(([name, tensor]) =>
    [name.replace(/^model\./, ""), tensor] as const
  );
  return new Map(
    own.filter(([name]) => !OTHER_PARTS.test(name) && !OF_TEXT.test(name)),
  );
}

function checkHeads({ width, heads }: QFormerSizes): void {
  if (width % heads === 0) return;
  throw new RookeryError(
    "config",
    `Cannot split a width of ${width} into ${heads} heads: choose ` +
      "resampler.heads so that it divides resampler.width",
    { path: "resampler.heads", expected: width, actual: heads },
  );
}
