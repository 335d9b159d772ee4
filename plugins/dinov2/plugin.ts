/**
 * DINOv2's vision transformers as a plugin: Hugging Face folders.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { dinov2, type Dinov2Config } from "../../models/vision/dinov2.ts";
import { patchSide } from "../../models/vision/embed_patches.ts";
import { completedSizes, type KnownSizes } from "../completed_sizes.ts";
import { ConfigJson } from "../config_json.ts";
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
  number,
  objectOf,
  oneOf,
  optional,
  orElse,
} from "../schema.ts";
import { dinov2Folder } from "./dinov2_folder.ts";
import { DINOV2_NAMES, dinov2Named } from "./dinov2_sizes.ts";
import { dinov2Weights } from "./dinov2_weights.ts";
import { sizesFromConfigJson } from "./hf_dinov2.ts";

const PART = "dinov2/vit";

/** What the published models have where nobody says otherwise. */
const USUAL = { hasQkvBias: true, normEps: 1e-6, activation: "gelu" } as const;

/** Brings `dinov2/vit`. */
export function dinov2Plugin(): Plugin {
  return definePlugin({
    name: "dinov2",
    version: "0.1.0",
    contract: 1,
    parts: [vit()],
    models: [dinov2Folder()],
  });
}

/** Its section of a config; sizes that are left out come from elsewhere. */
type Section =
  & { readonly [K in keyof Dinov2Config]: Dinov2Config[K] | undefined }
  & { readonly size: typeof DINOV2_NAMES[number] | undefined };

function vit(): Part<"vision"> {
  const fields = {
    size: optional(oneOf(...DINOV2_NAMES)),
    px: optional(integer()),
    patchPx: optional(integer()),
    width: optional(integer()),
    layers: optional(integer()),
    heads: optional(integer()),
    ffnWidth: optional(integer()),
    activation: optional(oneOf("gelu", "swiglu")),
    hasQkvBias: optional(flag()),
    normEps: optional(number(0)),
    tokens: orElse(oneOf("patches", "all"), "patches"),
    postNorm: orElse(flag(), true),
  };
  return definePart({
    slot: "vision",
    name: PART,
    schema: objectOf(fields),
    async build(section, context) {
      return dinov2(await configOf(section, context));
    },
    async weights({ tensors }, section, context) {
      return dinov2Weights(tensors, await configOf(section, context));
    },
  });
}

async function configOf(
  { size, ...given }: Section,
  context: PartContext,
): Promise<Dinov2Config> {
  const found = size === undefined ? await sizesOf(context) : dinov2Named(size);
  const config = completedSizes<Dinov2Config>(PART, {
    given,
    found,
    usual: USUAL,
  });
  const { px, patchPx, width, heads } = config;
  const reason = patchSide(px, patchPx) < 1
    ? `pictures of ${px} pixels hold no patch of ${patchPx}`
    : width % heads !== 0
    ? `${heads} heads cannot share a width of ${width} evenly`
    : undefined;
  if (reason === undefined) return config;
  throw new RookeryError("config", `Cannot build ${PART} as ${reason}`, {
    path: "vision",
    actual: config,
  });
}

/** What the part's own folder tells of its sizes. */
async function sizesOf(
  { source }: PartContext,
): Promise<KnownSizes<Dinov2Config>> {
  const json = await source?.json("config.json");
  if (source === undefined || json === undefined) return {};
  return sizesFromConfigJson(new ConfigJson(source.path, json));
}
