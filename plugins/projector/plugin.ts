/**
 * LLaVA's projectors as resamplers, `linear` and `mlp`, and `identity`, which
 * hands features on. Weights in the names of transformers or of LLaVA itself.
 *
 * @module
 */

import { projector } from "../../models/resamplers/projector.ts";
import {
  definePart,
  definePlugin,
  type Part,
  type Plugin,
  type TensorMap,
} from "../plugin.ts";
import { integer, objectOf, orElse } from "../schema.ts";

/** Names of a projector in a file of a whole model. */
const PREFIX = /^(?:model\.)?(?:multi_modal_projector|mm_projector)\./;

/** Brings `linear`, `mlp` and `identity`. */
export function projectorPlugin(): Plugin {
  return definePlugin({
    name: "projector",
    version: "0.1.0",
    contract: 1,
    parts: [linear(), mlp(), identity()],
  });
}

function linear(): Part<"resampler"> {
  return definePart({
    slot: "resampler",
    name: "linear",
    schema: objectOf({ width: integer() }),
    build: ({ width }, { neighbours: { vision } }) =>
      projector({
        inputWidth: vision!.width,
        positions: vision!.positions,
        width,
        depth: 1,
      }),
    weights: ({ tensors }) => ownTensors(tensors),
  });
}

function mlp(): Part<"resampler"> {
  return definePart({
    slot: "resampler",
    name: "mlp",
    schema: objectOf({ width: integer(), depth: orElse(integer(), 2) }),
    build: ({ width, depth }, { neighbours: { vision } }) =>
      projector({
        inputWidth: vision!.width,
        positions: vision!.positions,
        width,
        depth,
      }),
    weights: ({ tensors }) => ownTensors(tensors),
  });
}

function identity(): Part<"resampler"> {
  return definePart({
    slot: "resampler",
    name: "identity",
    schema: objectOf({}),
    build: (_, { neighbours: { vision } }) =>
      projector({
        inputWidth: vision!.width,
        positions: vision!.positions,
        width: vision!.width,
        depth: 0,
      }),
  });
}

/** Tensors under template names; those of a whole model's others left out. */
function ownTensors(tensors: TensorMap): TensorMap {
  const all = [...tensors];
  const prefixed = all.filter(([name]) => PREFIX.test(name));
  const own = prefixed.length > 0 ? prefixed : all;
  return new Map(own.map(([name, tensor]) => [templateName(name), tensor]));
}

/**
 * `multi_modal_projector.linear_2` and `mm_projector.2` are `linear_2`, a lone
 * `mm_projector` is `linear_1`: LLaVA counts activations as layers.
 */
function templateName(name: string): string {
  const own = name.replace(PREFIX, "");
  const counted = /^(\d*[02468])\.(.+)$/.exec(own);
  if (counted) return `linear_${Number(counted[1]) / 2 + 1}.${counted[2]}`;
  return /^(weight|bias)$/.test(own) ? `linear_1.${own}` : own;
}
