/**
 * Models of encoders from the parts of the CLIP plugin, without an assembler.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { Device } from "../../core/device.ts";
import {
  type Program,
  ProgramBuilder,
  weightNeeds,
} from "../../core/program.ts";
import {
  ContrastiveModel,
  TEXT_PREFIX,
} from "../../models/contrastive/contrastive.ts";
import { twinProgram } from "../../models/contrastive/twin_program.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import type { ImageProcessor, VisionEncoder } from "../../models/slots.ts";
import { VisionModel } from "../../models/vision/vision_model.ts";
import { absentTokenizer } from "../../plugins/absent_tokenizer.ts";
import { Catalog } from "../../plugins/catalog.ts";
import { clipPlugin } from "../../plugins/clip/plugin.ts";
import { loadWeights, type WeightDtypes } from "../../plugins/load_weights.ts";
import { Misfits } from "../../plugins/misfits.ts";
import { OpenedSources } from "../../plugins/opened_sources.ts";
import {
  type BuiltPart,
  PartBuilder,
  type PartRequest,
} from "../../plugins/part_builder.ts";
import type { TensorMap } from "../../plugins/plugin.ts";
import { safetensorsPlugin } from "../../plugins/safetensors/plugin.ts";
import { torchPlugin } from "../../plugins/torch/plugin.ts";

/** What is opened, and how. */
export interface ContrastiveCase {
  /** File or folder with both towers. */
  readonly weights: string;
  /** Keys of the vision section. */
  readonly vision?: Readonly<Record<string, unknown>>;
  /** Keys of the text section. */
  readonly text?: Readonly<Record<string, unknown>>;
  /** Precision of matrices; `stored` by default. */
  readonly dtype?: WeightDtypes;
}

/** A contrastive model that disposes of its device too. */
export async function openContrastive(
  { weights, vision, text = {}, dtype = "stored" }: ContrastiveCase,
  choice: "auto" | "cpu",
): Promise<ContrastiveModel> {
  using parts = await openParts();
  const options = { tokens: "all", postNorm: true, ...vision };
  const eyes = await parts.vision(weights, options);
  const twin = await parts.text(weights, text, eyes.value);
  const matched = [
    ...await matchedOf(eyes, visionProgram(eyes.value), WEIGHT_PREFIX.vision),
    ...await matchedOf(twin, twinProgram(twin.value, TEXT_PREFIX), TEXT_PREFIX),
  ];
  const device = await createDevice({ device: choice });
  const model = new ContrastiveModel({
    device,
    vision: eyes.value,
    text: twin.value,
    weights: await loadWeights(device, matched, { dtype }),
    tokenizer: absentTokenizer(twin.value.vocabulary, "this is a test"),
    image: NO_PICTURES,
  });
  return withDevice(model);
}

/** A vision model that disposes of its device too. */
export async function openVision(
  { weights, vision = {}, dtype = "stored" }: Omit<ContrastiveCase, "text">,
  choice: "auto" | "cpu",
): Promise<VisionModel> {
  using parts = await openParts();
  const eyes = await parts.vision(weights, vision);
  const { value } = eyes;
  const program = visionProgram(value);
  const matched = await matchedOf(eyes, program, WEIGHT_PREFIX.vision);
  const device = await createDevice({ device: choice });
  return withDevice(
    new VisionModel({
      device,
      vision: value,
      weights: await loadWeights(device, matched, { dtype }),
    }),
  );
}

function withDevice<Model extends Disposable & { readonly device: Device }>(
  model: Model,
): Model {
  const dispose = model[Symbol.dispose].bind(model);
  return Object.assign(model, {
    [Symbol.dispose]() {
      dispose();
      assert.equal(model.device.memory.heldBytes, 0, "all is released");
      model.device[Symbol.dispose]();
    },
  });
}

/** Builds parts of the plugin; files stay open until it is disposed of. */
async function openParts() {
  const plugins = [clipPlugin(), safetensorsPlugin(), torchPlugin()];
  const catalog = new Catalog(plugins);
  const sources = new OpenedSources(await catalog.readers(), {});
  const misfits = new Misfits();
  const builder = new PartBuilder(catalog, sources, misfits);
  const build = async <S extends "vision" | "text">(
    slot: S,
    name: string,
    rest: Pick<PartRequest<S>, "entry" | "options" | "neighbours">,
  ): Promise<BuiltPart<S>> => {
    const part = await builder.find(slot, name);
    const built = await builder.build({ slot, part, ...rest });
    misfits.throwIfAny("config", `build ${name}`);
    return built!;
  };
  type Options = Readonly<Record<string, unknown>>;
  return {
    vision: (entry: string, options: Options) =>
      build("vision", "clip/vit", { entry, options, neighbours: {} }),
    text: (entry: string, options: Options, vision: VisionEncoder) =>
      build("text", "clip/text", { entry, options, neighbours: { vision } }),
    [Symbol.dispose]: () => sources[Symbol.dispose](),
  };
}

/** Every weight of a part with its tensor; none may lack or be left over. */
async function matchedOf(
  { part, source, config, context }: BuiltPart<"vision" | "text">,
  program: Program,
  prefix: string,
) {
  const tensors: TensorMap = await part.weights!(
    source!.checkpoint!,
    config,
    context,
  );
  const left = new Set(tensors.keys());
  const matched = weightNeeds([program]).map((need) => {
    const name = need.name.slice(prefix.length);
    const stored = tensors.get(name);
    if (stored?.shape.join() !== need.shape.join()) {
      throw new Error(`${name} [${need.shape}] is [${stored?.shape}]`);
    }
    left.delete(name);
    return { need, stored };
  });
  if (left.size > 0) throw new Error(`left over: ${[...left].join(", ")}`);
  return matched;
}

function visionProgram({ px, encode }: VisionEncoder): Program {
  const builder = new ProgramBuilder("vision");
  const shape = [1, 3, px, px];
  const pixels = builder.input("pixels", { dtype: "f32", shape });
  builder.call(encode, WEIGHT_PREFIX.vision, { pixels });
  return builder.build();
}

const NO_PICTURES: ImageProcessor = {
  px: 1,
  process: () => {
    throw new Error("a test has pixels, not pictures");
  },
  read: () => Promise.reject(new Error("a test has pixels, not pictures")),
};
