/**
 * NFNets as a plugin.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { nfnet, type NfnetConfig } from "../../models/vision/nfnet.ts";
import {
  NFNET_NAMES,
  nfnetNamed,
  nfnetParameters,
  nfnetStem,
} from "../../models/vision/nfnet_sizes.ts";
import {
  definePart,
  definePlugin,
  type Part,
  type PartContext,
  type Plugin,
} from "../plugin.ts";
import {
  flag,
  integer,
  listOf,
  objectOf,
  oneOf,
  optional,
  orElse,
} from "../schema.ts";
import { nfnetWeights } from "./nfnet_weights.ts";

/** Brings `nfnet/encoder`. */
export function nfnetPlugin(): Plugin {
  return definePlugin({
    name: "nfnet",
    version: "0.1.0",
    contract: 1,
    parts: [encoder()],
  });
}

/** Its section of a config. */
interface Section {
  readonly size: typeof NFNET_NAMES[number] | undefined;
  readonly px: number;
  readonly finalConv: boolean;
  readonly gelu: "tanh" | "exact";
  readonly depths: readonly number[] | undefined;
  readonly widths: readonly number[] | undefined;
  readonly groupWidth: number;
  readonly stem: readonly number[] | undefined;
}

function encoder(): Part<"vision"> {
  const fields = {
    size: optional(oneOf(...NFNET_NAMES)),
    px: orElse(integer(), 320),
    finalConv: orElse(flag(), true),
    gelu: orElse(oneOf("tanh", "exact"), "tanh"),
    depths: optional(listOf(integer())),
    widths: optional(listOf(integer())),
    groupWidth: orElse(integer(), 128),
    stem: optional(listOf(integer())),
  };
  return definePart({
    slot: "vision",
    name: "nfnet/encoder",
    schema: objectOf(fields),
    async build(section, context) {
      return nfnet(await configOf(section, context));
    },
    async weights({ tensors }, section, context) {
      return nfnetWeights(tensors, await configOf(section, context));
    },
    // The gains of convolutions are in their weights once these are read.
    async parameters(section, context) {
      return nfnetParameters(await configOf(section, context));
    },
  });
}

async function configOf(
  section: Section,
  context: PartContext,
): Promise<NfnetConfig> {
  const size = section.size ?? await sizeOf(context);
  const named = size === undefined ? undefined : nfnetNamed(size);
  const depths = section.depths ?? named?.depths;
  const widths = section.widths ?? named?.widths;
  if (depths === undefined || widths === undefined) {
    throw new RookeryError(
      "config",
      "Cannot build nfnet/encoder as its size is unknown: give vision.size, " +
        `one of ${NFNET_NAMES.join(", ")}, or vision.depths and vision.widths`,
      { path: "vision.size", expected: NFNET_NAMES },
    );
  }
  return {
    px: section.px,
    depths,
    widths,
    groupWidth: section.groupWidth,
    stem: section.stem ?? nfnetStem(widths[0]!),
    hasFinalConv: section.finalConv,
    gelu: section.gelu === "tanh" ? "tanh" : "none",
  };
}

/** The size that a folder's `config.json` names, e.g. `dm_nfnet_f6`. */
async function sizeOf(
  { source }: PartContext,
): Promise<Section["size"]> {
  const json = await source?.json("config.json");
  const found = /^dm_nfnet_(f\d)$/.exec(String(json?.["architecture"]))?.[1];
  return NFNET_NAMES.find((name) => name.toLowerCase() === found);
}
