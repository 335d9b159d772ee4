/**
 * What `logits` computes of models that generate no text: features of an
 * encoder, or vectors and logits of a contrastive model.
 *
 * @module
 */

import {
  assembleContrastive,
  assembleVision,
  type ContrastiveModel,
  type LocatedConfig,
  RookeryError,
  type TensorInMemory,
  type TensorToWrite,
  type VisionModel,
} from "../mod.ts";
import type { OptionValues, Output } from "./command.ts";
import {
  assembleOptions,
  type MODEL_OPTIONS,
  openDevice,
} from "./model_options.ts";
import { readTokenRows } from "./logits_inputs.ts";
import { floatTensor } from "./logits_outputs.ts";

/** Tensors of an inputs file, and its path for messages. */
export interface EncoderInputs {
  /** Tensors by name. */
  readonly tensors: ReadonlyMap<string, TensorInMemory>;
  /** Path of their file. */
  readonly path: string;
}

/**
 * `last_hidden_state` [b, n, d] of a vision model; `image_embeds` [i, e],
 * `text_embeds` [t, e] and `logits_per_image` [i, t] of a contrastive one, as
 * far as there are pixels and ids.
 */
export async function encoderLogits(
  located: LocatedConfig,
  inputs: EncoderInputs,
  { values, output }: {
    readonly values: OptionValues<typeof MODEL_OPTIONS>;
    readonly output: Output;
  },
): Promise<TensorToWrite[]> {
  using device = await openDevice(values);
  const options = { device, ...await assembleOptions(values, output) };
  if (located.config.kind === "vision") {
    checkNames(inputs, ["pixel_values"]);
    using model = await assembleVision(located, options);
    return await hiddenState(model, inputs);
  }
  checkNames(inputs, ["pixel_values", "input_ids", "attention_mask"]);
  using model = await assembleContrastive(located, options);
  return await compare(model, inputs);
}

async function hiddenState(
  model: VisionModel,
  inputs: EncoderInputs,
): Promise<TensorToWrite[]> {
  const pixels = pixelsOf(inputs, model.vision.px);
  if (pixels === undefined) throw unfit(inputs, "pixel_values is missing");
  const { positions, width } = model.vision;
  const features = await model.encode(pixels);
  const shape = [pixels.length, positions, width];
  return [floatTensor("last_hidden_state", shape, features)];
}

async function compare(
  model: ContrastiveModel,
  inputs: EncoderInputs,
): Promise<TensorToWrite[]> {
  const pixels = pixelsOf(inputs, model.vision.px);
  const rows = inputs.tensors.has("input_ids")
    ? readTokenRows(inputs.tensors, inputs.path)
    : undefined;
  const { width } = model.text;
  const found: TensorToWrite[] = [];
  const images = pixels && await model.embedImages(pixels);
  const texts = rows && await model.embedTexts(rows);
  if (images) {
    found.push(floatTensor("image_embeds", [pixels.length, width], images));
  }
  if (texts) {
    found.push(floatTensor("text_embeds", [rows.length, width], texts));
  }
  if (images && texts) {
    const logits = await model.logitsPerImage(images, texts);
    const shape = [pixels.length, rows.length];
    found.push(floatTensor("logits_per_image", shape, logits));
  }
  if (found.length > 0) return found;
  throw unfit(inputs, "it has neither pixel_values nor input_ids");
}

/** Pictures [3, px, px] of `pixel_values` [b, 3, h, w]. */
function pixelsOf(
  inputs: EncoderInputs,
  px: number,
): Float32Array<ArrayBuffer>[] | undefined {
  const tensor = inputs.tensors.get("pixel_values");
  if (tensor === undefined) return undefined;
  const { shape, values } = tensor;
  const isFit = values instanceof Float32Array &&
    shape.slice(1).join() === [3, px, px].join();
  if (!isFit) {
    throw unfit(
      inputs,
      `pixel_values is [${shape}]: it must be F32 [b, 3, ${px}, ${px}], or ` +
        "the model a config that says another vision.px",
    );
  }
  const size = 3 * px * px;
  return Array.from(
    { length: shape[0]! },
    (_, i) => values.slice(i * size, (i + 1) * size),
  ) as Float32Array<ArrayBuffer>[];
}

function checkNames(inputs: EncoderInputs, known: readonly string[]): void {
  const unknown = [...inputs.tensors.keys()]
    .filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw unfit(
    inputs,
    `${unknown.join(", ")} is of no use to this model: known are ` +
      known.join(", "),
  );
}

function unfit({ path }: EncoderInputs, reason: string): RookeryError {
  return new RookeryError("file", `Cannot use ${path} as ${reason}`, { path });
}
