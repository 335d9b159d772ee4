/**
 * CLIP as a plugin: its vision transformer, and the text tower that makes it
 * a contrastive model.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { clipText } from "../../models/contrastive/clip_text.ts";
import { ACTIVATIONS } from "../../models/language/activation.ts";
import type { ClipEncoderConfig } from "../../models/vision/clip_encoder.ts";
import { clipVit } from "../../models/vision/clip_vit.ts";
import { completedSizes } from "../completed_sizes.ts";
import {
  definePart,
  definePlugin,
  type Neighbours,
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
import {
  publishedText,
  publishedVision,
  SIZE_NAMES,
  type SizeName,
  textFromFiles,
  type TextSizes,
  visionFromFiles,
  type VisionSizes,
} from "./clip_sizes.ts";
import { clipFolder, clipVisionFolder } from "./clip_folder.ts";
import { textTensors, visionTensors } from "./clip_weights.ts";

/** Brings `clip/vit` and `clip/text`. */
export function clipPlugin(): Plugin {
  return definePlugin({
    name: "clip",
    version: "0.1.0",
    contract: 1,
    parts: [vit(), text()],
    models: [clipVisionFolder(), clipFolder()],
  });
}

/** A size by name, and sizes that win over it and over the files'. */
type Given<Sizes> =
  & { readonly [K in keyof Sizes]: Sizes[K] | undefined }
  & { readonly size: SizeName | undefined };

// Return type by inference: the fields' types are those of the schemas.
function encoderFields() {
  return {
    size: optional(oneOf(...SIZE_NAMES)),
    width: optional(integer()),
    layers: optional(integer()),
    heads: optional(integer()),
    ffnWidth: optional(integer()),
    activation: optional(oneOf(...ACTIVATIONS)),
    normEps: optional(number(0)),
  };
}

function vit(): Part<"vision"> {
  const fields = {
    ...encoderFields(),
    px: optional(integer()),
    patchPx: optional(integer()),
    tokens: orElse(oneOf("patches", "all"), "patches"),
    postNorm: orElse(flag(), false),
    interpolatePositions: orElse(flag(), false),
  };
  return definePart({
    slot: "vision",
    name: "clip/vit",
    schema: objectOf(fields),
    async build({ tokens, postNorm, interpolatePositions: _, ...given }, at) {
      const sizes = await visionSizes(given, at);
      return clipVit({ ...sizes, tokens, postNorm });
    },
    async weights({ tensors }, config, at) {
      const { tokens: _, postNorm, interpolatePositions, ...given } = config;
      const { px, patchPx } = await visionSizes(given, at);
      const side = interpolatePositions ? Math.floor(px / patchPx) : undefined;
      return visionTensors(tensors, { postNorm, side });
    },
    // The last norm, with weight and bias, is in every file.
    async parameters({ postNorm, ...config }, at, counted) {
      const { tokens: _, interpolatePositions: __, ...given } = config;
      const { width } = await visionSizes(given, at);
      return postNorm ? counted : counted + 2 * width;
    },
  });
}

function text(): Part<"text"> {
  const fields = {
    ...encoderFields(),
    vocabulary: optional(integer()),
    context: optional(integer()),
    projectionWidth: optional(integer()),
    endToken: optional(integer(0)),
  };
  return definePart({
    slot: "text",
    name: "clip/text",
    schema: objectOf(fields),
    async build({ size, ...given }, context) {
      const found = await textFromFiles(context);
      const known = size === undefined ? found : publishedText(size);
      const sizes = completedSizes<TextSizes>("clip/text", {
        given,
        found: known,
        usual: { endToken: LARGEST, normEps: 1e-5 },
      });
      checkHeads("clip/text", sizes);
      const { endToken } = sizes;
      return clipText({
        ...sizes,
        endToken: endToken === LARGEST ? "largest" : endToken,
        visionWidth: widthOfClassToken(context.neighbours),
      });
    },
    weights: ({ tensors }) => textTensors(tensors),
  });
}

/**
 * An end token that older files tell and that no vocabulary has: transformers
 * takes the largest id then.
 */
const LARGEST = 2;

async function visionSizes(
  { size, ...given }: Given<VisionSizes>,
  context: PartContext,
): Promise<VisionSizes> {
  const found = await visionFromFiles(context);
  const known = size === undefined ? found : publishedVision(size);
  const sizes = completedSizes<VisionSizes>("clip/vit", {
    given,
    found: known,
    usual: { normEps: 1e-5 },
  });
  checkHeads("clip/vit", sizes);
  const { px, patchPx } = sizes;
  if (patchPx <= px) return sizes;
  throw new RookeryError(
    "config",
    `Cannot build clip/vit as its patches have ${patchPx} px a side: ` +
      `pictures have ${px}`,
    { path: "vision.patchPx", expected: px, actual: patchPx },
  );
}

function checkHeads(part: string, { width, heads }: ClipEncoderConfig): void {
  if (width % heads === 0) return;
  throw new RookeryError(
    "config",
    `Cannot build ${part} as ${heads} heads cannot share the width ${width} ` +
      "evenly",
    { path: part, actual: { width, heads } },
  );
}

/** A picture's vector is its class token's, which `patches` leaves out. */
function widthOfClassToken({ vision }: Neighbours): number {
  const { positions, width } = vision!;
  const side = Math.sqrt(positions - 1);
  if (side >= 1 && Number.isInteger(side)) return width;
  throw new RookeryError(
    "config",
    `Cannot compare pictures by ${positions} features as there is no class ` +
      'token among them: write "tokens": "all" and "postNorm": true into vision',
    { path: "vision.tokens", actual: positions },
  );
}
